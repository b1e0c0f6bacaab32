import { Chalk } from "chalk";
import Table from "cli-table3";
import { shown } from "./cells.ts";
import { type Column, titleOf } from "./columns.ts";
import { fitted, GAP, naturalWidths } from "./fit.ts";
import { cut } from "./width.ts";

export interface TableOptions {
  color: boolean;
  /** IANA */
  timeZone: string;
  /** of the terminal; undefined off one: nothing is cut then */
  width: number | undefined;
}

// cli-table3 compares each row with every other: 10,000 in one table take 8 s, in blocks of 200 they take 1.5.
const BLOCK = 200;

const EDGES =
  "top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid";
const BORDERLESS = { ...Object.fromEntries(EDGES.split(" ").map((edge) => [edge, ""])), middle: GAP };

/** Rows under bold headers, two spaces between columns, numbers to the right. Long text is cut on a terminal. */
export function tableOf<Row extends object>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: TableOptions,
): string {
  const shownColumns = columns.filter((column) => column.table !== false);
  const titles = shownColumns.map(titleOf);
  const numbers = shownColumns.map((column) => isNumeric(rows, column));
  const cells = rows.map((row) => shownColumns.map(({ key, as }) => shown(row[key], as, options.timeZone)));
  const firm = shownColumns.map((column, at) => numbers[at] === true || isFirm(column));
  const widths = fitted(naturalWidths([titles, ...cells]), firm, options.width);
  const aligns = shownColumns.map(({ align }, at) => align ?? (numbers[at] === true ? "right" : "left"));
  const bold = new Chalk({ level: options.color ? 1 : 0 }).bold;
  const trimmed = (line: readonly string[]) => line.map((cell, at) => cut(cell, widths[at] as number));
  const head = trimmed(titles).map((title) => bold(title));
  return [[head], ...blocksOf(cells.map(trimmed))].map((lines) => block(lines, widths, aligns)).join("\n");
}

/** One thing: a line for each column, titles in front. Nothing is cut: here a person sees the whole of it. */
export function linesOf<Row extends object>(
  row: Row,
  columns: readonly Column<Row>[],
  options: TableOptions,
): string {
  const shownColumns = columns.filter((column) => column.table !== false);
  const dim = new Chalk({ level: options.color ? 1 : 0 }).dim;
  const wide = Math.max(0, ...shownColumns.map((column) => titleOf(column).length));
  return shownColumns
    .map((column) => {
      const title = titleOf(column);
      const space = " ".repeat(wide - title.length) + GAP;
      return dim(title) + space + shown(row[column.key], column.as, options.timeZone);
    })
    .join("\n");
}

function isNumeric<Row extends object>(rows: readonly Row[], column: Column<Row>): boolean {
  if (column.as === "number" || column.as === "percent" || column.as === "duration") return true;
  const first = rows.find((row) => row[column.key] !== null && row[column.key] !== undefined);
  return column.as === undefined && typeof first?.[column.key] === "number";
}

/** Half a number, time or phone tells something else than the whole. */
function isFirm(column: { as?: string }): boolean {
  return column.as === "time" || column.as === "date" || column.as === "phone";
}

function blocksOf<T>(rows: readonly T[]): T[][] {
  const count = Math.ceil(rows.length / BLOCK);
  return Array.from({ length: count }, (_, at) => rows.slice(at * BLOCK, (at + 1) * BLOCK));
}

function block(
  rows: readonly (readonly string[])[],
  widths: readonly number[],
  aligns: readonly ("left" | "right")[],
): string {
  const table = new Table({
    colWidths: [...widths],
    colAligns: [...aligns],
    chars: BORDERLESS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  for (const row of rows) table.push([...row]);
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}
