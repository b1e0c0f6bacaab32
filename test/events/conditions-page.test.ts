import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { conditionSchema } from "../../src/audience/condition-schema.ts";
import { checkDefinition } from "../../src/definitions/read.ts";
import { ruleSchema } from "../../src/events/rule-definition.ts";
import { packageRoot } from "../../src/root.ts";
import { setup } from "./setup.ts";

const page = readFileSync(join(packageRoot(), "docs/reference/conditions.md"), "utf8");
const conditions = [...page.matchAll(/\| `(\{ (?!type:)[^`]*\})` \|/g)].map(([, text]) => text as string);

describe("docs/reference/conditions.md", () => {
  it("has conditions that files may hold, and that the database can decide", async () => {
    expect(conditions.length).toBeGreaterThanOrEqual(16);
    const s = await setup();
    const contact = await s.contact();
    for (const text of conditions) {
      const condition = conditionSchema.parse(parse(text));
      const [row] = await s.query<{ isMet: boolean }>(
        "select adsapp_meets(c, $2, null) as is_met from contacts c where c.id = $1",
        [contact, JSON.stringify(condition)],
      );
      expect([text, typeof row?.isMet]).toEqual([text, "boolean"]);
    }
  });

  it("has a rule that can be saved", () => {
    const [, rule = ""] = /```yaml\n(.*?)```/s.exec(page) ?? [];
    expect(checkDefinition("the page", rule, ruleSchema)).toMatchObject({ name: "Lead in de drip" });
  });
});
