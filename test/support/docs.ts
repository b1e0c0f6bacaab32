// Writes what the docs take from the code: `npm run docs`. A test looks that it is up to date.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { commands } from "../../src/cli/commands.ts";
import { FORMAT_NAMES, type FormatName, formatSchema } from "../../src/plans/schemas.ts";
import { packageRoot } from "../../src/root.ts";
import { TRANSITIONS } from "../../src/sending/machine.ts";
import { commandsPage } from "./docs/commands-page.ts";
import { errorCodesTable } from "./docs/error-codes-page.ts";
import { fieldsTable, settingsTable } from "./docs/formats-page.ts";
import { licencesTable } from "./docs/licences-page.ts";

/** What is written into which page, between the markers of that name. */
const WRITTEN: readonly (readonly [page: string, name: string, text: () => string | Promise<string>])[] = [
  ["README.md", "commands", commandTable],
  ["docs/reference/message-states.md", "states", statesTable],
  ["docs/reference/commands.md", "commands", commandsPage],
  ["docs/reference/error-codes.md", "codes", errorCodesTable],
  ["docs/reference/licences.md", "licences", licencesTable],
  ["docs/reference/formats.md", "settings", settingsTable],
  ["docs/reference/formats.md", "broadcast", () => fieldsTable("broadcast")],
  ["docs/reference/formats.md", "drip", () => fieldsTable("drip")],
  ["docs/reference/formats.md", "rule", () => fieldsTable("rule")],
];

export const writtenPages = [...new Set(WRITTEN.map(([page]) => page))];

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

/** A page as it should be. */
export async function renderedPage(page: string): Promise<string> {
  let text = readFileSync(join(packageRoot(), page), "utf8");
  for (const [where, name, write] of WRITTEN) {
    if (where !== page) continue;
    const [begin, end] = [`<!-- ${name}: written by npm run docs -->`, `<!-- /${name} -->`];
    const [before, after] = [text.indexOf(begin), text.indexOf(end)];
    if (before < 0 || after < 0) throw new Error(`${page} has no ${begin} … ${end}`);
    text = `${text.slice(0, before)}${begin}\n${await write()}\n${text.slice(after)}`;
  }
  return text;
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
  for (const page of writtenPages) writeFileSync(join(packageRoot(), page), await renderedPage(page));
  mkdirSync(schemasFolder, { recursive: true });
  for (const { path, text } of renderedSchemas()) writeFileSync(path, text);
}
