import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../src/root.ts";

const read = (name: string) => readFileSync(join(packageRoot(), name), "utf8");

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
      return file === "" || read(file).includes(title ?? "") ? [] : [`${file}: ${title}`];
    });
  });
  expect(wrong).toEqual([]);
});
