import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AGGREGATES } from "../../src/analytics/aggregates.ts";
import { audit } from "../../src/analytics/audit.ts";
import command from "../../src/analytics/rebuild.command.ts";
import { rebuild } from "../../src/analytics/rebuild.ts";
import { worker } from "../../src/db/identity.ts";
import { runCommand } from "../reports/run-command.ts";
import { makeOrganization } from "../support/factories.ts";
import { bodiesOf, makeTraffic, news, type Traffic } from "./traffic.ts";

const SINCE = "2026-01-01";
/** an ordinary one in Amsterdam, one before the clocks go forward, one before they go back; in Cairo one that there is not, and one that there is twice */
const MIDNIGHTS: [string, string][] = [
  ["2026-11-27T00:00:00+01:00", "Europe/Amsterdam"],
  ["2026-03-29T00:00:00+01:00", "Europe/Amsterdam"],
  ["2026-10-25T00:00:00+02:00", "Europe/Amsterdam"],
  ["2026-04-24T01:00:00+03:00", "Africa/Cairo"],
  ["2026-10-30T00:00:00+03:00", "Africa/Cairo"],
];

/** All daily numbers but keys of their own, days of zeros left out. */
function numbersOf({ database }: Traffic): Promise<unknown[]> {
  return database.transaction(worker, async (tx) => {
    const tables: unknown[] = [];
    for (const { table, counts } of AGGREGATES) {
      tables.push(
        await tx.query(
          `select to_jsonb(a) - 'id' as row from ${table} a where (${counts.join(", ")}) <> (${counts.map(() => 0).join(", ")}) order by 1`,
        ),
      );
    }
    tables.push(await tx.query("select id, replies_received from drip_enrollments order by id"));
    return tables;
  });
}

describe.each(MIDNIGHTS)("the daily numbers around %s in %s", (midnight, timezone) => {
  let traffic: Traffic;

  beforeAll(async () => {
    traffic = await makeTraffic(midnight, timezone);
  });

  afterAll(() => traffic.end());

  it("are what a rebuild makes of the messages, whatever is told, how often, and in which order, to several workers", async () => {
    await fc.assert(
      fc.asyncProperty(news, async (told) => {
        await traffic.apply(bodiesOf(traffic, told));
        const kept = await numbersOf(traffic);
        expect(await rebuild(traffic.database, { since: SINCE, organizationId: null })).toEqual([]);
        expect(await numbersOf(traffic)).toEqual(kept);
      }),
      { numRuns: 3, endOnFailure: true },
    );
    const [campaigns, templates, steps, prices] = (await numbersOf(traffic)) as unknown[][];
    for (const rows of [campaigns, templates, steps, prices]) expect(rows?.length).toBeGreaterThan(0);
    const { checks } = await traffic.database.transaction(worker, (tx) => audit(tx, null));
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  });
});

describe("adsapp rebuild", () => {
  let traffic: Traffic;
  let kept: unknown[];

  beforeAll(async () => {
    traffic = await makeTraffic("2026-11-27T00:00:00+01:00");
    const told = traffic.targets.map((_, target) => ({
      target,
      what: "delivered" as const,
      minutes: 5,
      isPriced: true,
      times: 1,
    }));
    await traffic.apply(bodiesOf(traffic, told));
    kept = await numbersOf(traffic);
  });

  afterAll(() => traffic.end());

  const write = (statement: string) => traffic.database.transaction(worker, (tx) => tx.run(statement));
  const spoil = async () => {
    for (const { table, counts } of AGGREGATES)
      expect(await write(`update ${table} set ${counts[0]} = ${counts[0]} + 7`)).toBeGreaterThan(0);
    await write(
      `insert into campaign_analytics (organization_id, campaign_id, campaign_type, date, opt_outs)
       select organization_id, id, 'bulk', '2026-11-20', 3 from bulk_campaigns`,
    );
  };

  const run = (argv: readonly string[], organization?: string) =>
    runCommand(command, argv, {
      databaseUrl: traffic.url,
      format: "json",
      ...(organization === undefined ? {} : { organization }),
    });

  it("tells in a dry run which days differ, and changes nothing", async () => {
    await spoil();
    const spoiled = await numbersOf(traffic);
    const { stdout, exitCode } = await run(["--since", SINCE, "--dry-run"]);
    expect(exitCode).toBe(0);
    const days = JSON.parse(stdout) as { table: string; date: string }[];
    expect(new Set(days.map(({ table }) => table))).toEqual(new Set(AGGREGATES.map(({ table }) => table)));
    expect(days.map(({ date }) => date)).toContain("2026-11-20");
    expect(await numbersOf(traffic)).toEqual(spoiled);
  });

  it("leaves other organizations alone with --org, and days before --since", async () => {
    const other = await makeOrganization(traffic.database);
    expect(JSON.parse((await run(["--since", SINCE], other.slug)).stdout)).toEqual([]);
    const { stdout } = await run(["--since", "2026-11-21"]);
    expect(stdout).not.toContain("2026-11-20");
  });

  it("writes what the messages say, and then finds nothing", async () => {
    expect(JSON.parse((await run(["--since", SINCE])).stdout)).toMatchObject([
      { date: "2026-11-20", rows: 1 },
    ]);
    expect(await numbersOf(traffic)).toEqual(kept);
    expect(JSON.parse((await run(["--since", SINCE])).stdout)).toEqual([]);
  });

  it("mends the days of agents and sources too", async () => {
    await write(`insert into channel_sources (organization_id, type, name, daily_counts)
      select id, 'qr_code', 'Etalage', '{"2026-11-20": 4, "2026-11-26": 2}' from organizations limit 1`);
    await write(
      `insert into agent_performance_metrics (organization_id, agent_id, date, messages_sent)
       select organization_id, id, '2026-11-20', 9 from profiles where organization_id = (select organization_id from channel_sources where name = 'Etalage') and role = 'admin'`,
    );
    expect(JSON.parse((await run(["--since", "2026-11-21"])).stdout)).toMatchObject([
      { table: "channel_sources", date: "2026-11-26", rows: 1 },
    ]);
    expect(JSON.parse((await run(["--since", "2026-11-20"])).stdout)).toMatchObject([
      { table: "agent_performance_metrics", date: "2026-11-20", rows: 1 },
      { table: "channel_sources", date: "2026-11-20", rows: 1 },
    ]);
    expect(JSON.parse((await run(["--since", "2026-11-01"])).stdout)).toEqual([]);
  });

  it("mends the replies of people in drips, by the day on which they entered", async () => {
    const people = await write("update drip_enrollments set replies_received = replies_received + 2");
    expect(JSON.parse((await run(["--since", "2026-11-27"])).stdout)).toEqual([]);
    expect(JSON.parse((await run(["--since", "2026-11-26"])).stdout)).toMatchObject([
      { table: "drip_enrollments", date: "2026-11-26", rows: people },
    ]);
    expect(JSON.parse((await run(["--since", "2026-11-26"])).stdout)).toEqual([]);
    const { checks } = await traffic.database.transaction(worker, (tx) => audit(tx, null));
    expect(checks.find(({ name }) => name === "drip_replies_equal_rows")).toMatchObject({ ok: true });
  });

  it("tells how many tables there are to go through, and of each that is done", async () => {
    let [total, done] = [0, 0];
    const onTables = {
      begin: (tables: number) => {
        total = tables;
      },
      done: () => {
        done += 1;
      },
    };
    await rebuild(traffic.database, { since: SINCE, organizationId: null, onTables });
    expect(total).toBeGreaterThan(AGGREGATES.length);
    expect(done).toBe(total);
  });

  it("refuses a day that there is not", async () => {
    await expect(run(["--since", "2026-02-30"])).rejects.toThrow(/such as 2026-11-27/);
  });

  it("waits for whoever counts at the same time, and loses nothing of it", async () => {
    const target = traffic.targets.length - 1;
    const told = { target, what: "read" as const, minutes: 20, isPriced: true, times: 1 };
    const everything = traffic.targets.map((_, n) => ({ ...told, target: n }));
    await Promise.all([
      traffic.apply(bodiesOf(traffic, everything)),
      ...Array.from({ length: 4 }, () => rebuild(traffic.database, { since: SINCE, organizationId: null })),
    ]);
    expect(await rebuild(traffic.database, { since: SINCE, organizationId: null })).toEqual([]);
  });
});
