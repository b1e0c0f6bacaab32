import type { Column } from "./columns.ts";
import { documentOf, recordOf } from "./data.ts";
import { maskSecrets } from "./mask.ts";
import { type Screen, screen } from "./screen.ts";
import { visibleLines } from "./visible.ts";

/** `html` is written by the command itself (CommandSpec.html); whatever else it prints is for people then. */
export type Format = "table" | "json" | "ndjson" | "csv" | "html";

export interface OutputOptions {
  stdout: NodeJS.WritableStream & { columns?: number; isTTY?: boolean };
  stderr: NodeJS.WritableStream & { columns?: number; isTTY?: boolean };
  format: Format;
  /** in tables, and in talk unless `colorTalk` tells otherwise */
  color: boolean;
  colorTalk?: boolean;
  /** IANA, for times in tables; "": the machine's own */
  timeZone: string;
  quiet: boolean;
  verbose: boolean;
  /** of talk: lines for people, or one JSON object a line for a collector of logs */
  logFormat?: LogFormat | undefined;
}

export type LogFormat = "text" | "json";

type Rows<Row> = AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>;

/**
 * What a command writes with: data to stdout in the format that was asked for, talk to stderr. Logs are kept and shipped, so secrets
 * and phones are masked in talk that no terminal shows.
 */
export interface Output {
  readonly format: Format;
  readonly quiet: boolean;
  readonly verbose: boolean;
  timeZone: string;
  /** may stdout be painted */
  readonly color: boolean;
  /** of the terminal on stdout, in cells; undefined off one */
  readonly width: number | undefined;
  /** many rows. `empty` is said on stderr when there is none and the format is for people */
  list<Row extends object>(
    rows: readonly Row[],
    columns: readonly Column<Row>[],
    options?: { empty?: string },
  ): Promise<void>;
  /** one thing: lines of title and value, an object, or a CSV of one row */
  record<Row extends object>(row: Row, columns: readonly Column<Row>[]): Promise<void>;
  /** one thing as people read it: without colours, since it may be cut */
  lines<Row extends object>(row: Row, columns: readonly Column<Row>[]): Promise<string>;
  /** what some work writes to stdout, and its talk below that, as text: without colours, since it may be cut */
  captured(work: (out: Output) => Promise<void>): Promise<string>;
  /** to draw again in place; undefined off a terminal */
  screen(): Screen | undefined;
  /** many rows, batch by batch and as fast as the reader takes them; only a table holds them all */
  stream<Row extends object>(
    batches: AsyncIterable<readonly Row[]>,
    columns: readonly Column<Row>[],
    options?: { empty?: string },
  ): Promise<void>;
  /** text to stdout, as it is: what people wrote goes through `visible` first */
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

const BATCH = 1000;

/** Tables and CSV load their libraries when they are first written: a tick under cron writes neither. */
export function createOutput(options: OutputOptions): Output {
  const { format } = options;
  const paint = (code: string, text: string) => painted(options.colorTalk ?? options.color, code, text);
  const log = (level: Level, text: string, hint?: string) => {
    const isKept = options.logFormat === "json" || options.stderr.isTTY !== true; // off a terminal it is a log
    const said = (part: string) => (isKept ? maskSecrets(part) : part);
    const [message, advice] = [said(text), hint === undefined ? undefined : said(hint)];
    options.stderr.write(
      options.logFormat === "json"
        ? logLine(level, message, advice)
        : `${LEAD[level] === undefined ? "" : `${paint(LEAD[level], `${level}:`)} `}${visibleLines(message)}\n${advice === undefined ? "" : `${visibleLines(advice)}\n`}`,
    );
  };
  const tableOptions = () => ({
    ...options,
    timeZone: output.timeZone,
    width: terminalWidth(options.stdout),
  });

  const listed = async <Row extends object>(
    batches: Rows<Row>,
    columns: readonly Column<Row>[],
    empty?: string,
  ) => {
    if (format !== "table" && format !== "html") {
      for await (const piece of documentOf(format, batches, columns)) await written(options.stdout, piece);
      return;
    }
    const rows = await collected(batches);
    if (rows.length === 0) return empty === undefined ? undefined : output.say(empty);
    const { leftOut, tableOf } = await import("./table.ts");
    await written(options.stdout, `${tableOf(rows, columns, tableOptions())}\n`);
    const titles = leftOut(rows, columns, tableOptions());
    if (titles.length > 0) output.say(`No room here for: ${titles.join(", ")}`);
  };

  const output: Output = {
    format,
    quiet: options.quiet || options.logFormat === "json", // progress is for people
    verbose: options.verbose,
    timeZone: options.timeZone,
    get color() {
      return options.color;
    },
    get width() {
      return terminalWidth(options.stdout);
    },
    list: (rows, columns, { empty } = {}) => listed(batchesOf(rows), columns, empty),
    stream: (batches, columns, { empty } = {}) => listed(batches, columns, empty),
    async record(row, columns) {
      if (format !== "table" && format !== "html")
        return written(options.stdout, await recordOf(format, row, columns));
      const { linesOf } = await import("./table.ts");
      await written(options.stdout, `${linesOf(row, columns, tableOptions())}\n`);
    },
    async lines(row, columns) {
      const { linesOf } = await import("./table.ts");
      return linesOf(row, columns, { ...tableOptions(), color: false });
    },
    async captured(work) {
      const { collector } = await import("./collector.ts");
      const { pieces, stream } = collector(options.stdout);
      const { timeZone } = output;
      await work(
        createOutput({
          ...options,
          timeZone,
          stdout: stream,
          stderr: stream,
          color: false,
          colorTalk: false,
        }),
      );
      return pieces.join("");
    },
    screen: () => (terminalWidth(options.stdout) === undefined ? undefined : screen(options.stdout)),
    print: (text) => void options.stdout.write(`${text}\n`),
    say: (text) => void (options.quiet || log("info", text)),
    warn: (text) => log("warning", text),
    detail: (text) => void (options.verbose && log("debug", text)),
    fail: (message, hint) => log("error", message, hint),
  };
  return output;
}

type Level = "debug" | "info" | "warning" | "error";

/** The colour of a level that says its name to people. */
const LEAD: Partial<Record<Level, string>> = { warning: "33", error: "31" };

/** One line whatever the text holds. */
function logLine(level: Level, message: string, hint: string | undefined): string {
  return `${JSON.stringify({ time: new Date().toISOString(), level, message, hint })}\n`;
}

/** Colours of talk without chalk: warnings are sync, and loading it takes longer than most commands talk. */
function painted(color: boolean, code: string, text: string): string {
  return color ? `\u001b[${code}m${text}\u001b[0m` : text;
}

function terminalWidth(stream: { columns?: number; isTTY?: boolean }): number | undefined {
  return stream.isTTY === true && (stream.columns ?? 0) > 0 ? stream.columns : undefined;
}

/** Resolves when the stream has taken the text, so that a slow reader slows the writer down. */
function written(stream: NodeJS.WritableStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

function* batchesOf<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  for (let at = 0; at < rows.length; at += BATCH) yield rows.slice(at, at + BATCH);
}

async function collected<Row>(batches: Rows<Row>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of batches) for (const row of batch) rows.push(row);
  return rows;
}
