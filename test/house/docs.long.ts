import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/root.ts";
import { runScript, scriptOf } from "./scripts.ts";

const guides = readdirSync(join(packageRoot(), "docs/guide"))
  .map((name) => `docs/guide/${name}`)
  .filter((page) => scriptOf(page) !== ""); // one that only describes has nothing to run

describe("the guides", () => {
  it.each(guides)("%s: its commands run as they stand there", async (page) => {
    const { code, output } = await runScript(scriptOf(page));
    expect(code, output).toBe(0);
    expect(output).toMatch(/every_table_is_walled\s+yes\s+0/);
  });
});
