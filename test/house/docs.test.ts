import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/root.ts";
import { renderedReadme, renderedSchemas, renderedStates, statesPage } from "../support/docs.ts";
import { read, runScript, scriptOf } from "./scripts.ts";

const root = packageRoot();
const guides = ["README.md", ...readdirSync(join(root, "docs/guide")).map((name) => `docs/guide/${name}`)];

describe("the docs", () => {
  it("README.md: its commands run as they stand there (those of the guides: docs.long.ts)", async () => {
    const { code, output } = await runScript(scriptOf("README.md"));
    expect(code, output).toBe(0);
    expect(output).toMatch(/every_table_is_walled\s+yes\s+0/);
  });

  it("README.md lists every command (npm run docs)", () => {
    expect(read("README.md")).toBe(renderedReadme());
  });

  it("the page of a message's states says what the table in the code says (npm run docs)", () => {
    expect(readFileSync(statesPage, "utf8")).toBe(renderedStates());
  });

  it("the JSON Schemas say what the code reads (npm run docs)", () => {
    for (const { path, text } of renderedSchemas()) expect(readFileSync(path, "utf8")).toBe(text);
  });

  it("README.md stays under 200 lines", () => {
    expect(read("README.md").split("\n").length).toBeLessThan(200);
  });

  it("point to pages that exist", () => {
    const pages = [
      ...guides,
      ...readdirSync(join(root, "docs/reference"))
        .filter((name) => name.endsWith(".md"))
        .map((name) => `docs/reference/${name}`),
    ];
    const dead = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)]
        .map(([, target]) => join(root, dirname(page), target as string))
        .filter((target) => !readdirSync(dirname(target)).includes(target.split("/").at(-1) as string)),
    );
    expect(dead).toEqual([]);
  });
});
