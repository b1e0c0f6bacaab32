import { Chalk } from "chalk";
import Table from "cli-table3";
import { shown } from "./cells.ts";
import { type Column, titleOf } from "./columns.ts";
import { fitted, GAP, type Need, naturalWidths, widthOfLine, withRoom } from "./fit.ts";
import { cut, widthOf, wrapped } from "./width.ts";

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

/**
 * Rows under bold headers, two spaces between columns, numbers to the right. On a terminal that is too narrow titles take several
 * lines, long text is cut or goes on below, and columns that yield are left out.
 */
export function tableOf<Row extends object>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: TableOptions,
): string {
  const parts = partsOf(rows, columns, options);
  const room = withRoom(parts, options.width).map((at) => parts[at] as Part);
  const isNarrow =
    widthOfLine(room.map(({ natural }) => natural)) > (options.width ?? Number.POSITIVE_INFINITY);
  const wanted = room.map(({ natural, least }) => (isNarrow ? least : natural));
  const firm = room.map((part) => part.firm);
  const widths = fitted(wanted, firm, options.width);
  const lines = rows.map((_, row) =>
    room.map((part, at) => laid(part, part.cells[row] as string, widths[at] as number)),
  );
  const aligns = room.map(({ align }) => align);
  return [[headOf(room, widths, options)], ...blocksOf(lines)]
    .map((block) => drawn(block, widths, aligns))
    .join("\n");
}

/** The titles of columns that such a table leaves out for want of room. */
export function leftOut<Row extends object>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: TableOptions,
): string[] {
  if (options.width === undefined || columns.every((column) => column.yields === undefined)) return [];
  const parts = partsOf(rows, columns, options);
  const room = new Set(withRoom(parts, options.width));
  return parts.filter(({ title }, at) => title !== "" && !room.has(at)).map(({ title }) => title);
}

/** A column with its cells as they are shown. */
interface Part extends Need {
  title: string;
  cells: string[];
  align: "left" | "right";
}

function partsOf<Row extends object>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: TableOptions,
): Part[] {
  return columns.filter((column) => column.table !== false).map((column) => partOf(rows, column, options));
}

function partOf<Row extends object>(
  rows: readonly Row[],
  column: Column<Row>,
  { timeZone }: TableOptions,
): Part {
  const title = titleOf(column);
  const cells = rows.map((row) => shown(row[column.key], column.as, timeZone));
  const isNumber = isNumeric(rows, column);
  const [widest = 0] = naturalWidths(cells.map((cell) => [cell]));
  const longestWord = Math.max(0, ...title.split(" ").map(widthOf));
  return {
    title,
    cells,
    align: column.align ?? (isNumber ? "right" : "left"),
    wraps: column.wraps === true,
    natural: Math.max(widest, widthOf(title)),
    least: Math.max(widest, longestWord),
    firm: isNumber || isFirm(column),
    yields: column.yields,
  };
}

/** Titles stand on their last lines. */
function headOf(parts: readonly Part[], widths: readonly number[], { color }: TableOptions): string[] {
  const bold = new Chalk({ level: color ? 1 : 0 }).bold;
  const titles = parts.map(({ title }, at) => wrapped(title, widths[at] as number));
  const height = Math.max(0, ...titles.map((lines) => lines.length));
  return titles.map((lines) =>
    [...Array(height - lines.length).fill(""), ...lines.map((line) => bold(line))].join("\n"),
  );
}

function laid({ wraps }: Part, cell: string, width: number): string {
  return wraps ? wrapped(cell, width).join("\n") : cut(cell, width);
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
  if (column.as === "number" || column.as === "percent") return true;
  if (column.as === "duration" || column.as === "seconds") return true;
  const first = rows.find((row) => row[column.key] !== null && row[column.key] !== undefined);
  return column.as === undefined && typeof first?.[column.key] === "number";
}

/** Half a number, time, phone or bar tells something else than the whole. */
function isFirm(column: { as?: string; yields?: number }): boolean {
  return column.yields !== undefined || column.as === "time" || column.as === "date" || column.as === "phone";
}

function blocksOf<T>(rows: readonly T[]): T[][] {
  const count = Math.ceil(rows.length / BLOCK);
  return Array.from({ length: count }, (_, at) => rows.slice(at * BLOCK, (at + 1) * BLOCK));
}

function drawn(
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
