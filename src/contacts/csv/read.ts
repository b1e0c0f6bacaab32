import { TextDecoder } from "node:util";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { parse } from "csv-parse";
import { UserError } from "../../errors.ts";
import { phoneReader } from "../phone.ts";
import { type ColumnMeaning, readHeader } from "./header.ts";
import { type Encoding, type Inspection, inspectFile } from "./inspect.ts";
import { type ContactRow, type RejectedRow, rowReader } from "./row.ts";

export interface ReadOptions {
  /** ISO 3166 alpha-2 of phones without a country code */
  country: string;
  encoding?: Encoding | undefined;
  delimiter?: string | undefined;
  /** header -> field */
  map: Readonly<Record<string, string>>;
}

export interface ContactsFile {
  format: Inspection;
  columns: ColumnMeaning[];
  /** the file's header, as it is */
  header: readonly string[];
  /** batches of some hundred rows; memory stays flat whatever the file's size */
  batches: AsyncIterable<(ContactRow | RejectedRow)[]>;
}

const BATCH = 1_000;
const LARGEST_RECORD = 1024 * 1024;

interface RawRecord {
  record: string[];
  info: { lines: number };
}

/**
 * Opens a contacts CSV. Bad rows come as rejects with their line and reason; a file that cannot be read as a table at all
 * is an error.
 * @throws UserError (2): not readable, empty, a header that cannot be, a quote that is never closed
 */
export async function readContactsCsv(path: string, options: ReadOptions): Promise<ContactsFile> {
  const format = await inspectFile(path, options);
  const skipped: RejectedRow[] = [];
  const records = Readable.from(decoded(path, format.encoding)).pipe(
    parse({
      delimiter: format.delimiter,
      record_delimiter: ["\r\n", "\n", "\r"],
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
      on_skip: (error) => {
        skipped.push({ line: Number(error?.lines ?? 0), reason: reasonOf(error), cells: [] });
        return undefined;
      },
      max_record_size: LARGEST_RECORD,
      info: true,
    }),
  );
  const iterator = records[Symbol.asyncIterator]() as AsyncIterator<RawRecord>;
  const first = await iterator.next().catch((error: unknown) => Promise.reject(wholeFileFault(path, error)));
  if (first.done === true) throw new UserError(`${path} has no header line`);
  const header = first.value.record;
  const columns = readHeader(header, options.map);
  const read = rowReader(columns, await phoneReader(options.country));
  return { format, columns, header, batches: batchesOf(path, iterator, first.value.info.lines, read, skipped) };
}

async function* batchesOf(
  path: string,
  iterator: AsyncIterator<RawRecord>,
  headerLines: number,
  read: ReturnType<typeof rowReader>,
  skipped: RejectedRow[],
): AsyncGenerator<(ContactRow | RejectedRow)[]> {
  let end = headerLines;
  let batch: (ContactRow | RejectedRow)[] = [];
  for (;;) {
    const next = await iterator.next().catch((error: unknown) => Promise.reject(wholeFileFault(path, error)));
    batch.push(...skipped.splice(0));
    if (next.done === true) break;
    const { record, info } = next.value;
    const line = startLine(record, info.lines, end);
    end = info.lines;
    if (record.length > 1 || record[0]?.trim() !== "") batch.push(read(record, line));
    if (batch.length >= BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/** csv-parse counts to the record's end; what its quoted cells hold of line ends lies before that. */
function startLine(record: readonly string[], endLine: number, previousEnd: number): number {
  const inside = record.reduce((sum, cell) => sum + (cell.includes("\n") ? cell.split("\n").length - 1 : 0), 0);
  return Math.max(previousEnd + 1, endLine - inside);
}

/** Text in the file's encoding; PostgreSQL's and ours is UTF-8. */
async function* decoded(path: string, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: encoding !== "windows-1252" });
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    yield decodedChunk(decoder, chunk, path, encoding);
  }
  yield decodedChunk(decoder, undefined, path, encoding);
}

function decodedChunk(decoder: TextDecoder, chunk: Buffer | undefined, path: string, encoding: Encoding): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    throw new UserError(`${path} is not valid ${encoding}`, { hint: "Say which it is with --encoding." });
  }
}

function reasonOf(error: { code?: string } | undefined): string {
  if (error?.code === "CSV_MAX_RECORD_SIZE") return "the row is larger than 1 MB (is a quote missing?)";
  if (error?.code === "INVALID_OPENING_QUOTE") return "a quote stands in the middle of a cell that does not begin with one";
  if (error?.code === "CSV_INVALID_CLOSING_QUOTE") return "a quote is closed in the middle of a cell";
  return "the row cannot be read as CSV";
}

function wholeFileFault(path: string, error: unknown): unknown {
  const { code, lines } = error as { code?: string; lines?: number };
  if (code === "CSV_QUOTE_NOT_CLOSED") {
    return new UserError(`${path}: a quote that opens before line ${lines ?? "?"} is never closed`, { hint: "Nothing was imported. Close the quote, or double it inside a cell." });
  }
  return error;
}
