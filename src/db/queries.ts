/**
 * Splits a `.sql` file into its named queries: a line `-- name: claimWindow` starts one, and its text runs to
 * the next. What stands before the first name is talk.
 * @throws Error when a name is asked for that the file does not have (at load, not at use)
 */
export function namedQueries<Name extends string>(file: string, ...names: Name[]): Record<Name, string> {
  const found = new Map<string, string>();
  for (const block of file.split(/^-- name: */m).slice(1)) {
    const [name = "", ...lines] = block.split("\n");
    found.set(name.trim(), lines.join("\n").trim());
  }
  const missing = names.filter((name) => !found.has(name));
  if (missing.length > 0) throw new Error(`no such query: ${missing.join(", ")}`);
  return Object.fromEntries(found) as Record<Name, string>;
}
