import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/root.ts";
import { MAGIC_NUMBERS } from "../../src/simulator/faults.ts";
import { declareFlags } from "../../src/simulator/flags.ts";

const page = readFileSync(join(packageRoot(), "docs", "reference", "simulator.md"), "utf8");
const rows = (pattern: RegExp) => [...page.matchAll(pattern)].map(([, first]) => first).toSorted();

describe("docs/reference/simulator.md", () => {
  it("has a line for every flag, and for none that is not there", () => {
    const command = new Command();
    declareFlags(command);
    const flags = command.options.map(({ long }) => long).toSorted();
    expect(rows(/^\| `(--[a-z-]+)/gm)).toEqual(flags);
  });

  it("has a line for every magic number, and for none that is not there", () => {
    expect(rows(/^\| (\d{4}) \|/gm)).toEqual(Object.keys(MAGIC_NUMBERS).toSorted());
  });
});
