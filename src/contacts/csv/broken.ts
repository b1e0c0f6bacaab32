import type { CsvError } from "csv-parse/sync";

/** Why a record could not be read. */
export type Fault = CsvError | SwallowedLines;

/** A record of several lines that has not as many cells as the header: a quote opened by mistake took them in. */
export class SwallowedLines extends Error {
  readonly code = "SWALLOWED_LINES";

  constructor(lines: { first: number; last: number }, cells: number, width: number) {
    super(
      `a quote that opens here closes on line ${lines.last}, so that lines ${lines.first} to ${lines.last} would be one row of ${cells} cells, where the header has ${width}`,
    );
  }
}

export const TOO_LARGE = "the row is larger than 1 MB";

export function isFault(error: unknown): error is Fault {
  const { code = "" } = error as { code?: string };
  return code.startsWith("CSV_") || code === "INVALID_OPENING_QUOTE" || error instanceof SwallowedLines;
}

/** In words, for the person who has to mend the row. */
export function reasonOf(fault: Fault): string {
  if (fault instanceof SwallowedLines) return fault.message;
  if (fault.code === "CSV_MAX_RECORD_SIZE") return `${TOO_LARGE} (is a quote not closed?)`;
  if (fault.code === "CSV_QUOTE_NOT_CLOSED") return "a quote that opens here is never closed";
  if (fault.code === "CSV_INVALID_CLOSING_QUOTE")
    return "a quote that opens here is not closed, or the cell goes on behind it (a quote inside a cell is written twice)";
  return "a quote stands inside a cell that is not in quotes (put the cell in quotes, and write the quote twice)";
}
