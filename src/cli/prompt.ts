import { ExitCode, UserError } from "../errors.ts";

/** Where a question is asked: stdin and stderr, since stdout is data. */
export interface Terminal {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  stdout: NodeJS.WritableStream & { isTTY?: boolean };
}

export const processTerminal = (): Terminal => ({ stdin: process.stdin, stdout: process.stderr });

export function isTerminal({ stdin, stdout }: Terminal): boolean {
  return stdin.isTTY === true && stdout.isTTY === true;
}

type Prompts = typeof import("@inquirer/prompts");

/** What a prompt of the library is given beside its question. */
export interface PromptContext {
  input: Terminal["stdin"];
  output: Terminal["stdout"];
  signal: AbortSignal;
}

/**
 * Asks one question with @inquirer/prompts.
 * @param stopping a stop that came while nothing was asked
 * @throws UserError (130) when it is interrupted by Ctrl-C, Ctrl-D or the end of the terminal
 */
export async function prompted<T>(
  terminal: Terminal,
  ask: (prompts: Prompts, context: PromptContext) => Promise<T>,
  stopping?: AbortSignal,
): Promise<T> {
  try {
    return await listening(terminal, ask, stopping);
  } catch (error) {
    if (!isInterruption(error)) throw error;
    throw new UserError("interrupted; nothing was changed", { exitCode: ExitCode.Interrupted });
  }
}

/** inquirer hears Ctrl-C itself; after Ctrl-D or a closed terminal it would wait for ever. */
async function listening<T>(
  { stdin, stdout }: Terminal,
  ask: (prompts: Prompts, context: PromptContext) => Promise<T>,
  stopping: AbortSignal | undefined,
): Promise<T> {
  const prompts = await import("@inquirer/prompts");
  const left = new AbortController();
  const onKey = (_text: unknown, key: { ctrl?: boolean; name?: string }) => {
    if (key.ctrl === true && key.name === "d") left.abort();
  };
  const onEnd = () => left.abort();
  stdin.on("keypress", onKey).once("end", onEnd);
  const signal = stopping === undefined ? left.signal : AbortSignal.any([left.signal, stopping]);
  try {
    return await ask(prompts, { input: stdin, output: stdout, signal });
  } finally {
    stdin.off("keypress", onKey).off("end", onEnd);
  }
}

function isInterruption(error: unknown): boolean {
  return error instanceof Error && (error.name === "ExitPromptError" || error.name === "AbortPromptError");
}
