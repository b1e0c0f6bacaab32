/** How a value is shown in a table; data formats keep the value itself. Percents count to 100, durations are ms, unless they say seconds. */
export type Kind =
  | "text"
  | "number"
  | "percent"
  | "time"
  | "date"
  | "duration"
  | "seconds"
  | "list"
  | "phone";

export interface Column<Row extends object> {
  key: keyof Row & string;
  /** header of the table; `messagesSent` gives "Messages sent" */
  title?: string;
  as?: Kind;
  /** numbers go right unless told otherwise */
  align?: "left" | "right";
  /** false: only in data formats */
  table?: boolean;
  /** sentences: on a terminal they go on below instead of being cut */
  wraps?: boolean;
  /** it is left out, whole, where a terminal has no room for all columns; lower ones first */
  yields?: number;
}

/** `messagesSent` -> `Messages sent`, where the column brings no title of its own. */
export function titleOf(column: { key: string; title?: string }): string {
  const words = column.key.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return column.title ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** `messagesSent` -> `messages_sent`: the headers of CSV. */
export function snakeCase(key: string): string {
  return key.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
}

/** The row with the columns' keys only, in their order; undefined becomes null. */
export function plainRow<Row extends object>(
  row: Row,
  columns: readonly Column<Row>[],
): Record<string, unknown> {
  return Object.fromEntries(columns.map(({ key }) => [key, row[key] ?? null]));
}
