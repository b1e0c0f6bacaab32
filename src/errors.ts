/** What a process answers to its caller (design: the command line, exit codes). */
export const ExitCode = {
  Done: 0,
  Failed: 1,
  Usage: 2,
  Partial: 3,
  NotFound: 4,
  Forbidden: 5,
  TryAgain: 75,
  Interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/**
 * A fault that the person at the terminal can mend. `cli/main` prints its message (and hint) without a
 * stack and ends with its exit code; anything else that is thrown is a bug of ours.
 */
export class UserError extends Error {
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;

  /**
   * @param message what is wrong and where, one line (several faults of one file: one line each)
   * @param options.hint what to do about it
   * @param options.exitCode 2 (wrong usage or file) unless told otherwise
   */
  constructor(message: string, options: { hint?: string; exitCode?: ExitCode; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = "UserError";
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? ExitCode.Usage;
  }
}

/** "Not found", the same for what does not exist and for what belongs to another tenant, with near names. */
export function notFound(noun: string, name: string, near: readonly string[] = []): UserError {
  const hint = near.length > 0 ? `Did you mean ${near.map((n) => `"${n}"`).join(" or ")}?` : undefined;
  return new UserError(`${noun} "${name}" not found`, {
    exitCode: ExitCode.NotFound,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** A change that the state of the thing does not allow: exit code 1, nothing changed. */
export function notAllowed(message: string, hint?: string): UserError {
  return new UserError(message, { exitCode: ExitCode.Failed, ...(hint === undefined ? {} : { hint }) });
}
