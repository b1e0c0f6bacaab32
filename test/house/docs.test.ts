import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { packageRoot } from "../../src/root.ts";
import { renderedPage, renderedSchemas, writtenPages } from "../support/docs.ts";
import { pagesOfDocs, read, runScript, scriptOf } from "./scripts.ts";

const root = packageRoot();

/** Without what only explains it, and without quotes. */
const plain = (line: string) =>
  line
    .replace(/ +# .*/, "")
    .replaceAll(/["']/g, "")
    .trim();

/** Of blocks that are not bash, fenced or indented. */
function shownLines(text: string): string[] {
  const fences = [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
  const fenced = fences.flatMap(([, language, block = ""]) => (language === "bash" ? [] : block.split("\n")));
  const rest = text.replaceAll(/^```\w*\n.*?^```$/gms, "").split("\n");
  return [...fenced, ...rest.filter((line) => /^ {4,}/.test(line))];
}

describe("the docs", () => {
  it("README.md: its commands run as they stand there (those of the guides: docs.long.ts)", async () => {
    const { code, output } = await runScript(scriptOf("README.md"));
    expect(code, output).toBe(0);
    expect(output).toMatch(/every_table_is_walled\s+yes\s+0/);
  });

  it.each(writtenPages)("%s says what the code says (npm run docs)", async (page) => {
    expect(read(page)).toBe(await renderedPage(page));
  });

  it("the JSON Schemas say what the code reads (npm run docs)", () => {
    for (const { path, text } of renderedSchemas()) expect(readFileSync(path, "utf8")).toBe(text);
  });

  it("README.md stays under 200 lines", () => {
    expect(read("README.md").split("\n").length).toBeLessThan(200);
  });

  it("have no command that no test runs: beside bash blocks stand examples of the help, which examples.long.ts runs", async () => {
    const specs = await Promise.all(commands.map(async ({ load }) => (await load()).default));
    const examples = new Set(specs.flatMap((spec) => spec.examples.map(plain)));
    const unrun = pagesOfDocs()
      .filter((page) => page !== "docs/reference/commands.md") // the help itself
      .flatMap((page) =>
        shownLines(read(page))
          .filter((line) => /^\s*(adsapp|npm|npx|node|psql|curl|docker|systemctl|git|export)\b/.test(line))
          .map(plain)
          .filter((line) => !examples.has(line))
          .map((line) => `${page}: ${line.split(" ").slice(0, 3).join(" ")}`),
      );
    expect(unrun).toEqual([
      "README.md: npm ci &&", // quickstart, and the tests themselves
      "README.md: npm ci &&",
      ...["npm ci", "npm run check", "npm test"].map((line) => `docs/contributing.md: ${line}`),
      ...[
        "export DATABASE_URL=postgresql://adsapp@db.example.nl/adsapp",
        "export WHATSAPP_TOKEN_FILE=/etc/adsapp/token",
        "adsapp sender add",
        "curl -X POST",
        "adsapp crontab |",
      ].map((line) => `docs/guide/going-live.md: ${line}`), // Meta's own account: the page's first block rehearses it
      "docs/operating/moving.md: psql $OLD -Atc", // an old cluster
    ]);
  });

  it("point to pages that exist", () => {
    const dead = pagesOfDocs().flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)]
        .map(([, target]) => join(root, dirname(page), target as string))
        .filter((target) => !readdirSync(dirname(target)).includes(target.split("/").at(-1) as string)),
    );
    expect(dead).toEqual([]);
  });
});
