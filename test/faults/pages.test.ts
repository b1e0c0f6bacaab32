import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { packageRoot } from "../../src/root.ts";

const read = (name: string) => readFileSync(join(packageRoot(), name), "utf8");
const FAMILIES = ["Crash of a tick", "Database", "Concurrency", "API", "CSV"];

/** The rows of docs/reference/faults.md: what they name as shown by, a file and a title each. */
function rows(): { fault: string; tests: { file: string; title: string }[] }[] {
  return read("docs/reference/faults.md")
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| fault |"))
    .map((line) => ({
      fault: line.split("|")[1]?.trim() ?? "",
      tests: [...line.matchAll(/`(test\/[\w./-]+\.ts)` "((?:[^"\\]|\\.)+)"/g)].map(
        ([, file = "", title = ""]) => ({
          file,
          title: title.replaceAll('\\"', '"'),
        }),
      ),
    }));
}

describe("docs/reference/faults.md", () => {
  it("names a test for every fault, in a file that is there and by a title that it has", () => {
    expect(rows().filter(({ tests }) => tests.length === 0)).toEqual([]);
    const missing = rows()
      .flatMap(({ tests }) => tests)
      .filter(({ file, title }) => !existsSync(join(packageRoot(), file)) || !read(file).includes(title));
    expect(missing).toEqual([]);
  });

  it("has the families, each with its faults", () => {
    const page = read("docs/reference/faults.md");
    const sections = page.split(/^## /m).slice(1);
    expect(sections.map((section) => section.split("\n")[0])).toEqual(FAMILIES);
    for (const section of sections)
      expect(section.split("\n").filter((line) => line.startsWith("| ")).length).toBeGreaterThan(6);
  });
});

describe("docs/reference/sending.md", () => {
  it("names only commands that there are", () => {
    const known = new Set(commands.map(({ path }) => path));
    const nouns = new Set(commands.map(({ path }) => path.split(" ")[0]));
    const named = [...read("docs/reference/sending.md").matchAll(/`adsapp ([a-z]+)(?: ([a-z-]+))?[^`]*`/g)];
    expect(named.length).toBeGreaterThan(5);
    const unknown = named.filter(
      ([, noun = "", verb]) => !known.has(noun) && !(nouns.has(noun) && known.has(`${noun} ${verb}`)),
    );
    expect(unknown.map(([text]) => text)).toEqual([]);
  });
});
