import { Chalk } from "chalk";
import Table from "cli-table3";
import { shown } from "./cells.ts";
import { type Column, titleOf } from "./columns.ts";

export interface TableOptions {
  color: boolean;
  timeZone: string;
  /** of the terminal; undefined off one: nothing is cut then */
  width: number | undefined;
}

const BORDERLESS = {
  top: "", "top-mid": "", "top-left": "", "top-right": "", bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "",
  left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "  ",
};

/** Rows under bold headers, two spaces between columns, numbers to the right. */
export function tableOf<R extends object>(rows: readonly R[], columns: readonly Column<R>[], options: TableOptions): string {
  const shownColumns = columns.filter((column) => column.table !== false);
  const bold = new Chalk({ level: options.color ? 1 : 0 }).bold;
  const table = new Table({
    head: shownColumns.map((column) => bold(titleOf(column))),
    colAligns: shownColumns.map((column) => column.align ?? (isNumeric(rows[0]?.[column.key], column) ? "right" : "left")),
    chars: BORDERLESS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  for (const row of rows) table.push(shownColumns.map((column) => shown(row[column.key], column.as, options.timeZone)));
  return trimmed(table.toString(), options.width);
}

/** One thing: a line for each column, titles in front. */
export function linesOf<R extends object>(row: R, columns: readonly Column<R>[], options: TableOptions): string {
  const shownColumns = columns.filter((column) => column.table !== false);
  const dim = new Chalk({ level: options.color ? 1 : 0 }).dim;
  const wide = Math.max(0, ...shownColumns.map((column) => titleOf(column).length));
  const lines = shownColumns.map((column) => `${dim(titleOf(column).padEnd(wide))}  ${shown(row[column.key], column.as, options.timeZone)}`);
  return trimmed(lines.join("\n"), options.width);
}

function isNumeric(value: unknown, column: { as?: string }): boolean {
  return typeof value === "number" || column.as === "number" || column.as === "percent" || column.as === "duration";
}

function trimmed(text: string, width: number | undefined): string {
  const lines = text.split("\n").map((line) => line.trimEnd());
  const plainLength = (line: string) => line.replace(/\u001b\[[0-9;]*m/g, "").length;
  const cut = (line: string) => (width !== undefined && width > 20 && !line.includes("\u001b") && plainLength(line) > width ? `${line.slice(0, width - 1)}…` : line);
  return lines.map(cut).join("\n");
}
