import { ExitCode, UserError } from "../errors.ts";

/**
 * Asks before something that cannot be taken back.
 * @returns true with --yes, or when the person says so
 * @throws UserError off a terminal without --yes, and when the prompt is interrupted (130)
 */
export async function confirm(question: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) {
    throw new UserError("this needs a yes, and there is no terminal to ask on", { hint: "Nothing was changed. Say --yes." });
  }
  const prompts = await import("@inquirer/prompts");
  try {
    return await prompts.confirm({ message: question, default: false }, { output: process.stderr });
  } catch {
    throw new UserError("interrupted; nothing was changed", { exitCode: ExitCode.Interrupted });
  }
}
