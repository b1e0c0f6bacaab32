import { UserError } from "../errors.ts";
import { visible } from "./output/visible.ts";
import { isTerminal, processTerminal, prompted, type Terminal } from "./prompt.ts";

/**
 * Asks before something that cannot be taken back.
 * @param yes --yes: nothing is asked
 * @returns true with --yes, or when the person says so
 * @throws UserError off a terminal without --yes (exit code 2), and when the prompt is interrupted (130)
 */
export async function confirm(
  question: string,
  yes: boolean,
  terminal: Terminal = processTerminal(),
): Promise<boolean> {
  if (yes) return true;
  const message = visible(question);
  if (!isTerminal(terminal)) {
    throw new UserError(`this needs --yes when there is no terminal: ${message}`, {
      hint: "Nothing was changed.",
    });
  }
  return prompted(terminal, (prompts, context) => prompts.confirm({ message, default: false }, context));
}
