import { describe, expect, it } from "vitest";
import { pagesOfDocs, runScript, scriptOf } from "./scripts.ts";

/** The README: docs.test.ts. The walks of contributing.md need a checkout: contributing.long.ts. */
const ELSEWHERE = ["README.md", "docs/contributing.md"];

const pages = pagesOfDocs().filter((page) => scriptOf(page) !== "" && !ELSEWHERE.includes(page)); // one that only describes has nothing to run

describe("the pages", () => {
  it.each(pages)("%s: its commands run as they stand there", async (page) => {
    const { code, output } = await runScript(scriptOf(page));
    expect(code, output).toBe(0);
    expect(output).toMatch(/every_table_is_walled\s+yes\s+0/);
  });

  it("docs/guide/first-campaign.md: takes a newcomer, with nothing set and nothing installed, to a campaign that was sent", async () => {
    const { code, output } = await runScript(scriptOf("docs/guide/first-campaign.md"), { embedded: true });
    expect(code, output).toBe(0);
    expect(output).toMatch(/Status +completed/);
    expect(output).toMatch(/every_table_is_walled\s+yes\s+0/);
  });
});
