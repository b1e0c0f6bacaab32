// `import queries from "./x.sql"` gives the file's text, outside the bundle too: node --import ./test/support/sql-as-text.mjs
import { readFile } from "node:fs/promises";
import { register } from "node:module";

if (!import.meta.url.includes("?hooks")) register(`${import.meta.url}?hooks`);

export async function load(url, context, next) {
  if (!url.endsWith(".sql")) return next(url, context);
  const text = await readFile(new URL(url), "utf8");
  return { format: "module", shortCircuit: true, source: `export default ${JSON.stringify(text)};` };
}
