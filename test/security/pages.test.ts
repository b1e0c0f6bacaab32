import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../src/root.ts";

const read = (name: string) => readFileSync(join(packageRoot(), name), "utf8");

/** A test's own text, and that of the suites of its folder which it runs with another number of tries. */
function titlesOf(name: string): string {
  const text = read(name);
  const suites = [...text.matchAll(/from "\.\/(suites\.ts)"/g)].map(([, file]) =>
    join(name, "..", file ?? ""),
  );
  return [text, ...suites.map(read)].join("\n");
}

it("docs/security.md names a test for every threat, in a file that is there and by titles that it has", () => {
  const rows = read("docs/security.md")
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| threat |"));
  expect(rows.length).toBeGreaterThan(15);
  expect(rows.filter((row) => !/`test\/[\w./-]+\.ts`/.test(row))).toEqual([]);
  const wrong = rows.flatMap((row) => {
    let file = "";
    return [...row.matchAll(/`(test\/[\w./-]+\.ts)`|"([^"]+)"/g)].flatMap(([, named, title]) => {
      file = named ?? file;
      if (named !== undefined) return existsSync(join(packageRoot(), named)) ? [] : [named];
      return file === "" || titlesOf(file).includes(title ?? "") ? [] : [`${file}: ${title}`];
    });
  });
  expect(wrong).toEqual([]);
});
