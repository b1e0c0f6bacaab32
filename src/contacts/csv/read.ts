import type { Readable } from "node:stream";
import { UserError } from "../../errors.ts";
import { chunksOf, openSource, type Source } from "../../files/source.ts";
import { hasPhones, phoneReader } from "../phone.ts";
import { asUtf8, type Encoding } from "./encoding.ts";
import { type ColumnMeaning, readHeader } from "./header.ts";
import { type Inspection, inspect } from "./inspect.ts";
import { type CsvRecord, readRecords } from "./records.ts";
import { type ContactRow, type RejectedRow, rowReader } from "./row.ts";

export interface ReadOptions {
  /** ISO 3166 alpha-2 of phones without a country code */
  country: string;
  encoding?: Encoding | undefined;
  delimiter?: string | undefined;
  /** header -> field */
  map?: Readonly<Record<string, string>> | undefined;
}

export interface ContactsFile {
  format: Inspection;
  /** what each column of the header is taken for, in the file's order */
  columns: ColumnMeaning[];
  /** the file's header, as it is */
  header: readonly string[];
  /** rows in batches of a few hundred, to be read once; memory stays flat whatever the file's size */
  batches: AsyncIterable<(ContactRow | RejectedRow)[]>;
  /** how much of the file has been read into batches, from 0 to 1 */
  share(): number;
  /** for who did not read the batches */
  close(): void;
}

/**
 * Opens a contacts CSV: a path, `-` for stdin, or a stream. Bad rows come as rejects with their line and reason, in the
 * file's order; what cannot be read as a table at all is an error.
 * @throws UserError (2): not readable, empty, no CSV, a header that cannot be, a country without phones
 */
export async function readContactsCsv(from: string | Readable, options: ReadOptions): Promise<ContactsFile> {
  await checkCountry(options.country);
  const source = await openSource(from);
  try {
    const format = await inspect(source, options);
    const first = await firstRecord(source, format);
    const skip = isRejectsFile(first.cells) ? REJECTS_HEADER.length : 0;
    const header = first.cells.slice(skip);
    const columns = readHeader(header, options.map ?? {}, first.line);
    const readRow = rowReader(columns, await phoneReader(options.country), format.delimiter);
    const read = (each: CsvRecord | RejectedRow) => {
      const cells = each.cells.slice(skip);
      return "reason" in each ? { ...each, cells } : readRow(cells, each.line);
    };
    const taken = { bytes: 0 };
    const batches = batchesOf(source, format, taken, read);
    const share = () => taken.bytes / Math.max(1, format.bytes);
    return { format, columns, header, batches, share, close: source.close };
  } catch (error) {
    source.close();
    throw error;
  }
}

/** A rejects file of an import, mended: its first two columns are ours, not attributes of people. */
const REJECTS_HEADER = ["line", "reason"];

function isRejectsFile(header: readonly string[]): boolean {
  return REJECTS_HEADER.every((name, at) => header[at] === name);
}

async function firstRecord(source: Source, format: Inspection): Promise<CsvRecord | RejectedRow> {
  for await (const [first] of recordsOf(source, format)) {
    if (first === undefined) continue;
    if (!("reason" in first)) return first;
    throw new UserError(`${source.name}, line ${first.line} (the header): ${first.reason}`, {
      hint: "Nothing was imported.",
    });
  }
  throw new UserError(`${source.name} is empty: it has no header line`);
}

async function* batchesOf(
  source: Source,
  format: Inspection,
  taken: { bytes: number },
  read: (record: CsvRecord | RejectedRow) => ContactRow | RejectedRow,
): AsyncGenerator<(ContactRow | RejectedRow)[]> {
  let isHeader = true;
  try {
    for await (const records of recordsOf(source, format, taken)) {
      const rows = records.slice(isHeader ? 1 : 0).map(read);
      isHeader = false;
      if (rows.length > 0) yield rows;
    }
  } finally {
    source.close();
  }
}

function recordsOf(
  source: Source,
  format: Inspection,
  taken = { bytes: 0 },
): AsyncGenerator<(CsvRecord | RejectedRow)[]> {
  const chunks = unchanged(source, format, taken);
  return readRecords(asUtf8(source.name, chunks, format.encoding), format.delimiter);
}

/** A file that grows while it is read (an export still running) is not what its hash says. */
async function* unchanged(
  source: Source,
  format: Inspection,
  taken: { bytes: number },
): AsyncGenerator<Buffer> {
  for await (const chunk of chunksOf(source)) {
    taken.bytes += chunk.length;
    yield chunk;
  }
  if (taken.bytes === format.bytes) return;
  throw new UserError(`${source.name} changed while it was read`, {
    hint: "Nothing was imported. Wait until it is written, and import it again.",
  });
}

async function checkCountry(country: string): Promise<void> {
  if (await hasPhones(country)) return;
  throw new UserError(`phone numbers of country "${country}" are not known`, {
    hint: "Give a two-letter code with --country, for example NL.",
  });
}
