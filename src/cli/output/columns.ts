/** How a value is shown; data formats keep the value itself. */
export type Kind = "text" | "number" | "percent" | "time" | "date" | "duration" | "list" | "phone";

export interface Column<R extends object> {
  key: keyof R & string;
  /** header of the table; `messagesSent` gives "Messages sent" */
  title?: string;
  as?: Kind;
  align?: "left" | "right";
  /** false: only in data formats */
  table?: boolean;
}

export function titleOf(column: { key: string; title?: string }): string {
  const words = column.key.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return column.title ?? words.charAt(0).toUpperCase() + words.slice(1);
}

export function snakeCase(key: string): string {
  return key.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
}

/** The row with the columns' keys only, in their order; undefined becomes null, times ISO 8601 in UTC. */
export function plainRow<R extends object>(row: R, columns: readonly Column<R>[]): Record<string, unknown> {
  return Object.fromEntries(columns.map(({ key }) => [key, row[key] ?? null]));
}
