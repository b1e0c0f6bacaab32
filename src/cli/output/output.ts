import { csvCell } from "./cells.ts";
import { type Column, plainRow, snakeCase } from "./columns.ts";
import { visibleLines } from "./visible.ts";

export type Format = "table" | "json" | "ndjson" | "csv";

export interface OutputOptions {
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream & { columns?: number; isTTY?: boolean };
  format: Format;
  color: boolean;
  /** IANA, for times in tables */
  timeZone: string;
  quiet: boolean;
  verbose: boolean;
}

/** What a command writes with: data to stdout in the format that was asked for, talk to stderr. */
export interface Output {
  readonly format: Format;
  readonly quiet: boolean;
  readonly verbose: boolean;
  timeZone: string;
  /** many rows. `empty` is said on stderr when there is none and the format is for people */
  list<R extends object>(rows: readonly R[], columns: readonly Column<R>[], options?: { empty?: string }): Promise<void>;
  /** one thing */
  record<R extends object>(row: R, columns: readonly Column<R>[]): Promise<void>;
  /** text to stdout, as it is */
  print(text: string): void;
  /** talk: silenced by --quiet */
  say(text: string): void;
  /** not silenced */
  warn(text: string): void;
  /** with --verbose only */
  detail(text: string): void;
  /** the error of the command, and what to do about it */
  fail(message: string, hint?: string): void;
}

/** Tables and CSV load their libraries when they are first written: a tick under cron writes neither. */
export function createOutput(options: OutputOptions): Output {
  const { stdout, stderr, format } = options;
  const paint = (code: number, text: string) => (options.color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const tell = (text: string) => stderr.write(`${text}\n`);
  const tableOptions = () => ({ color: options.color, timeZone: output.timeZone, width: widthOf(stdout) });
  const output: Output = {
    format,
    quiet: options.quiet,
    verbose: options.verbose,
    timeZone: options.timeZone,
    async list(rows, columns, { empty } = {}) {
      if (format === "json") stdout.write(`${JSON.stringify(rows.map((row) => plainRow(row, columns)), null, 2)}\n`);
      else if (format === "ndjson") for (const row of rows) stdout.write(`${JSON.stringify(plainRow(row, columns))}\n`);
      else if (format === "csv") stdout.write(await csvOf(rows, columns));
      else if (rows.length === 0 && empty !== undefined) this.say(empty);
      else if (rows.length > 0) stdout.write(`${(await import("./table.ts")).tableOf(rows, columns, tableOptions())}\n`);
    },
    async record(row, columns) {
      if (format === "json") stdout.write(`${JSON.stringify(plainRow(row, columns), null, 2)}\n`);
      else if (format === "ndjson") stdout.write(`${JSON.stringify(plainRow(row, columns))}\n`);
      else if (format === "csv") stdout.write(await csvOf([row], columns));
      else stdout.write(`${(await import("./table.ts")).linesOf(row, columns, tableOptions())}\n`);
    },
    print: (text) => void stdout.write(`${text}\n`),
    say: (text) => void (options.quiet || tell(visibleLines(text))),
    warn: (text) => void tell(`${paint(33, "warning:")} ${visibleLines(text)}`),
    detail: (text) => void (options.verbose && tell(visibleLines(text))),
    fail(message, hint) {
      tell(`${paint(31, "error:")} ${visibleLines(message)}`);
      if (hint !== undefined) tell(visibleLines(hint));
    },
  };
  return output;
}

/** RFC 4180 but for the line end: LF, as every tool that reads a pipe expects; spreadsheets read both. */
async function csvOf<R extends object>(rows: readonly R[], columns: readonly Column<R>[]): Promise<string> {
  const { stringify } = await import("csv-stringify/sync");
  const cells = rows.map((row) => columns.map((column) => csvCell(row[column.key], column.as)));
  return stringify([columns.map((column) => snakeCase(column.key)), ...cells], { cast: { boolean: String } });
}

function widthOf(stream: NodeJS.WritableStream & { columns?: number; isTTY?: boolean }): number | undefined {
  return stream.isTTY === true ? stream.columns : undefined;
}

/** NO_COLOR and --no-color win, then FORCE_COLOR, then whether a person looks at it. */
export function useColor(env: NodeJS.ProcessEnv, stream: { isTTY?: boolean }, off: boolean): boolean {
  if (off || (env.NO_COLOR ?? "") !== "") return false;
  if ((env.FORCE_COLOR ?? "") !== "") return env.FORCE_COLOR !== "0";
  return stream.isTTY === true;
}

/** `| head -1` closes the pipe: nobody wants the rest, so the program ends quietly. */
export function guardPipe(stream: NodeJS.WritableStream): void {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
}
