import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CHECKS } from "../../src/analytics/audit.ts";
import { packageRoot } from "../../src/root.ts";
import { BREAKAGES_OF_BOOKS } from "./breakages-of-books.ts";
import { BREAKAGES_OF_PROMISES } from "./breakages-of-promises.ts";
import { auditAfter, failing, ledger, useLedger } from "./ledger.ts";

useLedger();

const BREAKAGES = [...BREAKAGES_OF_BOOKS, ...BREAKAGES_OF_PROMISES];

describe("the audit finds", () => {
  it.each(BREAKAGES)("%s: %s", async (name, _what, meddle) => {
    const result = await auditAfter(ledger.database, meddle);
    expect(failing(result).map(([check]) => check)).toEqual([name]);
    expect(result.ok).toBe(false);
    expect(result.checks.find((check) => check.name === name)?.examples[0]).toMatch(/\w/);
  });

  it("nothing against what was sent before the hours were changed", async () => {
    const result = await auditAfter(ledger.database, async (tx) => {
      await tx.run("update contacts set updated_at = created_at - interval '1 day'");
      await tx.run(
        "update campaign_runs set definition = jsonb_set(definition, '{settings,respectBusinessHours}', 'true')",
      );
      await tx.run(
        `update organizations set business_hours = jsonb_build_object(lower(to_char(adsapp_now() + interval '3 days', 'Dy')), '[["09:00", "10:00"]]'::jsonb)`,
      );
    });
    expect(failing(result)).toEqual([]);
  });

  it("only what docs/operating/audit.md explains: each check, and no other", () => {
    const page = readFileSync(join(packageRoot(), "docs/operating/audit.md"), "utf8");
    const explained = [...page.matchAll(/^\| `(\w+)` \| \w/gm)].map(([, name]) => name);
    expect(explained.toSorted()).toEqual([...CHECKS].toSorted());
  });

  it("with every check something: each has a case above, or in audit-drips.test.ts", () => {
    const ofDrips = [
      "drip_counters_equal_rows",
      "no_drip_after_opt_out",
      "each_step_once",
      "steps_in_order",
      "nobody_is_stuck",
      "failures_equal_rows",
      "drip_replies_equal_rows",
    ];
    expect(CHECKS.filter((name) => !BREAKAGES.some(([check]) => check === name))).toEqual(ofDrips);
  });
});
