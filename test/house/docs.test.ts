import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/root.ts";
import { renderedPage, renderedSchemas, writtenPages } from "../support/docs.ts";
import { pagesOfDocs, read, runScript, scriptOf } from "./scripts.ts";

const root = packageRoot();

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

  it("have no command in a block that no test runs, but what installs and tests adsapp itself", () => {
    const unrun = pagesOfDocs().flatMap((page) =>
      [...read(page).matchAll(/^```(\w*)\n(.*?)^```$/gms)]
        .flatMap(([, language, block = ""]) => (language === "bash" ? [] : block.split("\n")))
        .filter((line) => /^\s*(\$ )?(adsapp|npm|npx|node|psql|curl|docker|systemctl|git)\b/.test(line))
        .map((line) => `${page}: ${line.replace(/ +#.*/, "")}`),
    );
    expect(unrun).toEqual([
      "README.md: npm ci && npm run quickstart",
      "README.md: npm ci && npm test",
      ...["npm ci", "npm run check", "npm test"].map((line) => `docs/contributing.md: ${line}`),
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
