import { type Column, plainRow } from "./columns.ts";
import { visibleJson } from "./visible.ts";

export type DataFormat = "json" | "ndjson" | "csv";

/**
 * Rows as text of a data format, a piece for each batch, so that nobody holds them all. The pieces of one call
 * make one document: a JSON array, lines of JSON, or CSV with its header.
 */
export async function* documentOf<Row extends object>(
  format: DataFormat,
  batches: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>,
  columns: readonly Column<Row>[],
): AsyncGenerator<string> {
  if (format === "csv") yield* csvPieces(batches, columns);
  else if (format === "json") yield* arrayPieces(batches, columns);
  else for await (const rows of batches) yield rows.map((row) => `${jsonOf(row, columns)}\n`).join("");
}

/** One thing as the data formats have it: an object, a line of JSON, or a CSV of one row. */
export async function recordOf<Row extends object>(
  format: DataFormat,
  row: Row,
  columns: readonly Column<Row>[],
): Promise<string> {
  if (format !== "csv") return `${jsonOf(row, columns, format === "json" ? 2 : undefined)}\n`;
  const { csvHeader, csvRows } = await import("./csv.ts");
  return csvHeader(columns) + csvRows([row], columns);
}

async function* csvPieces<Row extends object>(
  batches: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>,
  columns: readonly Column<Row>[],
): AsyncGenerator<string> {
  const { csvHeader, csvRows } = await import("./csv.ts");
  yield csvHeader(columns);
  for await (const rows of batches) yield csvRows(rows, columns);
}

/** The same text as JSON.stringify(allRows, null, 2). */
async function* arrayPieces<Row extends object>(
  batches: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>,
  columns: readonly Column<Row>[],
): AsyncGenerator<string> {
  let before = "[\n";
  for await (const rows of batches) {
    if (rows.length === 0) continue;
    yield before + rows.map((row) => indented(jsonOf(row, columns, 2))).join(",\n");
    before = ",\n";
  }
  yield before === "[\n" ? "[]\n" : "\n]\n";
}

function jsonOf<Row extends object>(row: Row, columns: readonly Column<Row>[], indent?: number): string {
  return visibleJson(JSON.stringify(plainRow(row, columns), null, indent));
}

function indented(json: string): string {
  return `  ${json.replaceAll("\n", "\n  ")}`;
}
