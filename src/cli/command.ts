import type { Command } from "commander";
import type { ExitCode } from "../errors.ts";
import type { Context } from "./context.ts";

/** What one `verb.command.ts` declares: help, flags, and the domain function that does the work. */
export interface CommandSpec<Args extends unknown[] = unknown[], Options extends object = object> {
  /** long help: what it does, what it changes, what it answers */
  description: string;
  /** command lines that work as written; a test looks for two at least */
  examples: readonly [string, string, ...string[]];
  /** adds arguments and flags, and checks between flags */
  declare?(command: Command): void;
  /** changes data (always, or with some options): refused under --now where a sender uses Meta's host */
  writes?: boolean | ((options: Options) => boolean);
  /** whose data: one organization's (default), every organization's, or none (no database) */
  scope?: "organization" | "all" | "none";
  /** knows `--format html`; refused where it does not */
  html?: boolean;
  /** options in, a domain function's result to context.out. Returns the exit code when it is not 0 */
  run(context: Context, options: Options, ...args: Args): Promise<ExitCode | void>;
}

export function defineCommand<Args extends unknown[] = [], Options extends object = object>(
  spec: CommandSpec<Args, Options>,
): CommandSpec<Args, Options> {
  return spec;
}

/** A line of the table of contents: loading is lazy, so that a tick does not pay for prompts and YAML. */
export interface CommandEntry {
  /** `tick` or `contact import` */
  path: string;
  summary: string;
  // biome would want unknown here, but a spec's own Args and Options are checked where it is defined
  load(): Promise<{ default: CommandSpec<never[], never> }>;
  /** what a flag of all commands means here with these words: `--as sent` is no profile's address. The command declares both */
  means?: Readonly<Record<string, string>>;
  /** the same without a single flag, as cron calls it each minute: nothing to parse, so no parser is loaded */
  bare?(): Promise<(context: Context) => Promise<ExitCode>>;
}
