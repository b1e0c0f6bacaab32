import { ExitCode, UserError } from "../errors.ts";
import { visible } from "./output/visible.ts";

/** Where a question is asked: stdin and stderr, since stdout is data. */
export interface Terminal {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  stdout: NodeJS.WritableStream & { isTTY?: boolean };
}

/**
 * Asks before something that cannot be taken back.
 * @param yes --yes: nothing is asked
 * @returns true with --yes, or when the person says so
 * @throws UserError off a terminal without --yes (exit code 2), and when the prompt is interrupted by Ctrl-C, Ctrl-D
 * or the end of the terminal (130)
 */
export async function confirm(
  question: string,
  yes: boolean,
  terminal: Terminal = { stdin: process.stdin, stdout: process.stderr },
): Promise<boolean> {
  if (yes) return true;
  const message = visible(question);
  if (terminal.stdin.isTTY !== true || terminal.stdout.isTTY !== true) {
    throw new UserError(`this needs --yes when there is no terminal: ${message}`, {
      hint: "Nothing was changed.",
    });
  }
  try {
    return await ask(message, terminal);
  } catch (error) {
    if (!isInterruption(error)) throw error;
    throw new UserError("interrupted; nothing was changed", { exitCode: ExitCode.Interrupted });
  }
}

async function ask(message: string, { stdin, stdout }: Terminal): Promise<boolean> {
  const prompts = await import("@inquirer/prompts");
  const left = new AbortController();
  // inquirer hears Ctrl-C itself; after Ctrl-D or a closed terminal it would wait for ever
  const onKey = (_text: unknown, key: { ctrl?: boolean; name?: string }) => {
    if (key.ctrl === true && key.name === "d") left.abort();
  };
  const onEnd = () => left.abort();
  stdin.on("keypress", onKey).once("end", onEnd);
  try {
    return await prompts.confirm(
      { message, default: false },
      { input: stdin, output: stdout, signal: left.signal },
    );
  } finally {
    stdin.off("keypress", onKey).off("end", onEnd);
  }
}

function isInterruption(error: unknown): boolean {
  return error instanceof Error && (error.name === "ExitPromptError" || error.name === "AbortPromptError");
}
