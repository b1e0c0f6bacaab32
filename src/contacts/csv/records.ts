import { isUtf8 } from "node:buffer";
import { type InfoRecord, parse } from "csv-parse/sync";
import { type Fault, isFault, reasonOf, SwallowedLines, TOO_LARGE } from "./broken.ts";
import { countBreaks, endOfLastLine, endOfLine, skipBreaks } from "./lines.ts";
import type { RejectedRow } from "./row.ts";

/** A row as it stands in the file. */
export interface CsvRecord {
  /** where it begins, the file's first line being 1; cells in quotes may hold more lines */
  line: number;
  cells: string[];
}

export const LARGEST_RECORD = 1024 * 1024;
const SHOWN_OF_BROKEN = 1_000;

/**
 * The records of a CSV, block by block, the header being the first; empty ones are left out. A row whose quotes are
 * broken costs that one line: reading goes on at the next, so an unclosed quote does not swallow the rows behind it.
 *
 * csv-parse works on blocks of whole lines here, instead of as a stream: as a stream it cannot go on after a quote that
 * is not closed, and with skip_records_with_error a record over the limit takes the rest of its chunk with it, unseen.
 * Its count of lines is not used either, since it counts each CRLF in a cell twice.
 *
 * @param chunks UTF-8, cut anywhere
 */
export async function* readRecords(
  chunks: AsyncIterable<Buffer>,
  delimiter: string,
): AsyncGenerator<(CsvRecord | RejectedRow)[]> {
  const reader = new RecordReader(delimiter);
  for await (const chunk of chunks) {
    const rows = reader.take(chunk);
    if (rows.length > 0) yield rows;
  }
  const rows = reader.finish();
  if (rows.length > 0) yield rows;
}

const NOTHING: Buffer = Buffer.alloc(0);

class RecordReader {
  readonly #delimiter: string;
  #rows: (CsvRecord | RejectedRow)[] = [];
  /** what was not read yet: half a line, or a record whose quote may still be closed */
  #rest: Buffer = NOTHING;
  /** the line at which the rest begins */
  #line = 1;
  /** inside a line that is too long and was rejected */
  #isSkipping = false;
  /** cells of the header */
  #width: number | undefined;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  take(chunk: Buffer): (CsvRecord | RejectedRow)[] {
    const bytes = Buffer.concat([this.#rest, this.#isSkipping ? this.#endOfSkipped(chunk) : chunk]);
    const end = endOfLastLine(bytes);
    this.#rest = bytes.subarray(end);
    if (end > 0)
      this.#rest = Buffer.concat([this.#read(bytes.subarray(0, end), this.#rest.length), this.#rest]);
    else if (bytes.length > LARGEST_RECORD) this.#rejectEndless(bytes);
    return this.#rows.splice(0);
  }

  finish(): (CsvRecord | RejectedRow)[] {
    this.#read(this.#rest, undefined);
    return this.#rows.splice(0);
  }

  /** @param beyond bytes that are known to follow; undefined: none will @returns what needs more to be read */
  #read(block: Buffer, beyond: number | undefined): Buffer {
    const isClean = isUtf8(block);
    for (let at = 0; at < block.length; ) {
      const view = block.subarray(at);
      const { end, fault } = this.#parse(view, isClean);
      const start = fault === undefined ? view.length : skipBreaks(view, end);
      this.#line += countBreaks(view, end, start);
      at += start;
      if (fault === undefined) continue;
      const mayClose = fault.code === "CSV_QUOTE_NOT_CLOSED" && beyond !== undefined;
      if (mayClose && block.length - at + beyond <= LARGEST_RECORD) return block.subarray(at);
      at += this.#rejectLine(block.subarray(at), reasonOf(fault));
    }
    return NOTHING;
  }

  /** Reads records until one is broken. @returns where the last good one ended, and what is wrong with the next */
  #parse(view: Buffer, isClean: boolean): { end: number; fault: Fault | undefined } {
    let end = 0;
    let linesBefore = 0;
    const keep = (cells: string[], { bytes, lines }: InfoRecord): null => {
      // One line more than before: nothing was left out, and no cell holds a line end.
      const isOneLine = lines === linesBefore + 1;
      const start = isOneLine ? end : skipBreaks(view, end);
      const line = this.#line + (isOneLine ? 0 : countBreaks(view, end, start));
      const next = line + (isOneLine ? 1 : countBreaks(view, start, bytes));
      if (next > line + 1 && this.#width !== undefined && cells.length !== this.#width)
        throw new SwallowedLines({ first: line, last: next - 1 }, cells.length, this.#width);
      this.#keep({ line, cells }, isClean || isUtf8(view.subarray(start, bytes)));
      [end, linesBefore, this.#line] = [bytes, lines, next];
      return null;
    };
    try {
      parse(view, { ...this.#options(), on_record: keep });
      return { end, fault: undefined };
    } catch (error) {
      if (!isFault(error)) throw error;
      return { end, fault: error };
    }
  }

  #options() {
    return {
      delimiter: this.#delimiter,
      record_delimiter: ["\r\n", "\n", "\r"],
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: LARGEST_RECORD,
    };
  }

  #keep(record: CsvRecord, isValid: boolean): void {
    const { line, cells } = record;
    if (cells.every((cell) => cell.trim() === "")) return;
    if (this.#width === undefined && isSeparatorHint(cells)) return;
    this.#width ??= cells.length;
    this.#rows.push(isValid ? record : { line, cells, reason: "is not valid UTF-8" });
  }

  /** @returns how many bytes the line has; its line end stays, for the count */
  #rejectLine(bytes: Buffer, reason: string): number {
    const end = endOfLine(bytes);
    const text = bytes.toString("utf8", 0, Math.min(end, LARGEST_RECORD));
    const cells = end > LARGEST_RECORD ? [`${text.slice(0, SHOWN_OF_BROKEN)}…`] : text.split(this.#delimiter);
    this.#rows.push({ line: this.#line, reason, cells });
    return end;
  }

  #rejectEndless(bytes: Buffer): void {
    this.#rejectLine(bytes, TOO_LARGE);
    this.#rest = this.#endOfSkipped(bytes);
  }

  #endOfSkipped(chunk: Buffer): Buffer {
    const end = endOfLine(chunk);
    this.#isSkipping = end === chunk.length;
    return chunk.subarray(end);
  }
}

/** Excel's `sep=;` above the header. */
function isSeparatorHint([first = "", ...others]: readonly string[]): boolean {
  return /^sep=.?$/i.test(first) && others.every((cell) => cell === "");
}
