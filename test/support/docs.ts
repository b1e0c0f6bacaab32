// Writes what the docs take from the code: `npm run docs`. A test looks that it is up to date.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { commands } from "../../src/cli/commands.ts";
import { packageRoot } from "../../src/root.ts";

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

/** The README as it should be. */
export function renderedReadme(): string {
  const text = readFileSync(readme, "utf8");
  const [before, after] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (before < 0 || after < 0) throw new Error(`README.md has no ${BEGIN} … ${END}`);
  return `${text.slice(0, before)}${BEGIN}\n${commandTable()}\n${text.slice(after)}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) writeFileSync(readme, renderedReadme());
