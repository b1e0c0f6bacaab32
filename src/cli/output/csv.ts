import { stringify } from "csv-stringify/sync";
import type { Column, Kind } from "./columns.ts";
import { snakeCase } from "./columns.ts";

// Guarding what starts with quotes and a sign too keeps the round trip exact: import takes off one quote.
const FORMULA = /^'*[=+\-@\t\r]/;
const E164 = /^\+[1-9]\d{6,14}$/;

/**
 * Rows as RFC 4180, but for the line end, which is LF: a pipe's readers (cut, tail, read) would keep the CR of
 * CRLF in the last cell, while spreadsheets and CSV parsers read both. A CR inside a cell is quoted.
 */
export function csvRows<Row extends object>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  return lines(rows.map((row) => columns.map((column) => csvCell(row[column.key], column.as))));
}

/** The first line: the columns' keys in snake_case. */
export function csvHeader<Row extends object>(columns: readonly Column<Row>[]): string {
  return lines([columns.map((column) => csvCell(snakeCase(column.key), undefined))]);
}

type Cell = string | number | bigint | boolean | null;

function lines(cells: readonly (readonly Cell[])[]): string {
  return stringify(cells as Cell[][], { cast: { boolean: String } });
}

/**
 * A value as CSV holds it: times ISO 8601 in UTC, lists with `;`, things as JSON, nothing as an empty cell.
 * Guarded so that no spreadsheet runs it (design: formats, CSV out).
 */
export function csvCell(value: unknown, as: Kind | undefined): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "boolean" || typeof value === "bigint") return value;
  const text = textOf(value);
  return FORMULA.test(text) && !(as === "phone" && E164.test(text)) ? `'${text}` : text;
}

function textOf(value: unknown): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "" : value.toISOString();
  if (Array.isArray(value)) return value.some(isThing) ? JSON.stringify(value) : value.map(itemOf).join(";");
  return isThing(value) ? JSON.stringify(value) : String(value);
}

/** One that would be cut in two, or holds a quote, stands in double quotes. */
function itemOf(item: unknown): string {
  const text = item === null || item === undefined ? "" : textOf(item);
  return /[;,|"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function isThing(value: unknown): boolean {
  return typeof value === "object" && value !== null && !(value instanceof Date);
}
