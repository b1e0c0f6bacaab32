// Writes what the docs take from the code: `npm run docs`. A test looks that it is up to date.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { commands } from "../../src/cli/commands.ts";
import { FORMAT_NAMES, type FormatName, formatSchema } from "../../src/plans/schemas.ts";
import { packageRoot } from "../../src/root.ts";
import { TRANSITIONS } from "../../src/sending/machine.ts";

const BEGIN = "<!-- commands: written by npm run docs -->";
const END = "<!-- /commands -->";

const readme = join(packageRoot(), "README.md");

/** One line a noun, its verbs with what they do. */
function commandTable(): string {
  const nouns = new Map<string, string[]>();
  for (const { path, summary } of commands) {
    const [noun = "", verb] = path.split(" ");
    const does = verb === undefined ? summary : `\`${verb}\` ${summary}`;
    nouns.set(noun, [...(nouns.get(noun) ?? []), does]);
  }
  const lines = [...nouns].map(([noun, does]) => `| \`${noun}\` | ${does.join(" · ")} |`);
  return ["| command | does |", "|---|---|", ...lines].join("\n");
}

/** A line a step of a message's life. */
function statesTable(): string {
  const lines = Object.entries(TRANSITIONS).flatMap(([from, steps]) =>
    Object.entries(steps).map(([to, by]) => `| ${from} | ${to} | ${by.join(", ")} |`),
  );
  return ["| from | to | by |", "|---|---|---|", ...lines].join("\n");
}

function rendered(path: string, begin: string, end: string, table: string): string {
  const text = readFileSync(path, "utf8");
  const [before, after] = [text.indexOf(begin), text.indexOf(end)];
  if (before < 0 || after < 0) throw new Error(`${path} has no ${begin} … ${end}`);
  return `${text.slice(0, before)}${begin}\n${table}\n${text.slice(after)}`;
}

/** The README as it should be. */
export function renderedReadme(): string {
  return rendered(readme, BEGIN, END, commandTable());
}

export const statesPage = join(packageRoot(), "docs", "reference", "message-states.md");

/** The page of a message's states as it should be. */
export function renderedStates(): string {
  return rendered(statesPage, "<!-- states: written by npm run docs -->", "<!-- /states -->", statesTable());
}

const schemasFolder = join(packageRoot(), "docs", "reference", "schemas");

/** The JSON Schema of each format, by its file, as it should be. */
export function renderedSchemas(): { path: string; text: string }[] {
  return FORMAT_NAMES.map((name: FormatName) => ({
    path: join(schemasFolder, `${name}.json`),
    text: `${JSON.stringify(formatSchema(name), null, 2)}\n`,
  }));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  writeFileSync(readme, renderedReadme());
  writeFileSync(statesPage, renderedStates());
  mkdirSync(schemasFolder, { recursive: true });
  for (const { path, text } of renderedSchemas()) writeFileSync(path, text);
}
