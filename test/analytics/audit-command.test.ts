import { afterAll, beforeAll, describe, expect, it } from "vitest";
import command from "../../src/analytics/audit.command.ts";
import { CHECKS } from "../../src/analytics/audit.ts";
import { Database } from "../../src/db/database.ts";
import { runCommand } from "../reports/run-command.ts";
import { createTestDatabase } from "../support/database.ts";
import {
  inPlace,
  makeCampaign,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
} from "../support/factories.ts";

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;

/** Two organizations; the counters of the second are wrong in twelve campaigns. */
beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url });
  for (const slug of ["sound", "unsound"]) {
    const organization = await makeOrganization(database, { slug });
    await makeSender(database, organization);
    await makeJobs(database, await makeRun(database, await makeCampaign(database, organization)), {
      sent: 2,
      pending: 1,
    });
    if (slug === "sound") continue;
    for (let n = 1; n <= 12; n++)
      await makeCampaign(database, organization, { name: `Broken \u001b[31m${n}` });
    await inPlace(database, (tx) =>
      tx.run("update bulk_campaigns set messages_read = 1 where name like 'Broken%'"),
    );
  }
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const run = (format: "table" | "json" | "csv", organization?: string) =>
  runCommand(command, [], {
    databaseUrl: testDatabase.url,
    format,
    ...(organization === undefined ? {} : { organization }),
  });

describe("adsapp audit", () => {
  it("gives the JSON that scripts rely on, and ends with 0 when all is well", async () => {
    const { stdout, stderr, exitCode } = await run("json", "sound");
    expect(exitCode).toBe(0);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({
      ok: true,
      checks: CHECKS.map((name) => ({ name, ok: true, violations: 0 })),
    });
  });

  it("goes over every organization unless one is named, and ends with 1 when a check does not hold", async () => {
    const { stdout, exitCode } = await run("json");
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout).ok).toBe(false);
    expect(JSON.parse(stdout).checks).toContainEqual({
      name: "counters_equal_rows",
      ok: false,
      violations: 12,
    });
  });

  it("shows people a line a check, and on stderr up to ten examples with control characters made visible", async () => {
    const { stdout, stderr } = await run("table", "unsound");
    expect(stdout).toMatch(/^Check +Ok +Violations\n/);
    expect(stdout).toMatch(/\ncounters_equal_rows +no +12\n/);
    expect(stdout.trimEnd().split("\n")).toHaveLength(CHECKS.length + 1);
    expect(stderr).toMatch(/^warning: counters_equal_rows: 12 violations\n/);
    expect(stderr.match(/campaign "Broken/g)).toHaveLength(10);
    expect(stderr).not.toContain("\u001b");
    expect(stderr).toContain("… and 2 more");
  });

  it("gives CSV a line a check", async () => {
    expect((await run("csv", "sound")).stdout.split("\n").slice(0, 2)).toEqual([
      "name,ok,violations",
      "ledger_balances,true,0",
    ]);
  });
});
