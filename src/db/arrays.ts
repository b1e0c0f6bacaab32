/**
 * An array parameter of values that need no quotes: uuids, numbers, words, times. node-postgres looks at each character
 * of each value, which shows where thousands a second are written.
 */
export function plainArray(values: readonly (string | number | null)[]): string {
  return `{${values.map((value) => value ?? "null").join(",")}}`;
}
