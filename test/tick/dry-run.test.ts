import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { worker } from "../../src/db/identity.ts";
import { dryRun } from "../../src/tick/dry-run.ts";
import command from "../../src/tick/tick.command.ts";
import { runCommand } from "../reports/run-command.ts";
import { accept, apiThat } from "../sending/dispatching.ts";
import { minutesAfter, NOW, type Setup, setup, type World } from "../sending/setup.ts";
import { makeCases, runTick } from "../status/explain-world.ts";
import { makeCampaign } from "../support/factories.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(() => s.end());

/** Every row of every table, as text. */
async function everyRow(): Promise<Record<string, string[]>> {
  const client = new pg.Client({ connectionString: s.url });
  await client.connect();
  try {
    const { rows } = await client.query(
      `select c.relname as name, (xpath('/table/row/r/text()', query_to_xml(format('select t::text as r from public.%I t order by 1', c.relname), false, false, '')))::text as held
         from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' order by 1`,
    );
    return Object.fromEntries(rows.map(({ name, held }) => [name, held]));
  } finally {
    await client.end();
  }
}

interface Became {
  campaign: string;
  sent: number;
  lacking: number;
  skipped: Record<string, number>;
}

const statuses = (w: World) =>
  w.rows<{ campaign: string; id: string; status: string; skipReason: string | null }>(
    `select c.name as campaign, j.id, j.status, j.skip_reason from bulk_message_jobs j join bulk_campaigns c on c.id = j.campaign_id where j.organization_id = $1
     union all
     select d.name, l.id, l.status, coalesce(e.exit_reason, l.skip_reason) from drip_message_logs l join drip_campaigns d on d.id = l.campaign_id
       join drip_enrollments e on e.id = l.enrollment_id where l.organization_id = $1`,
    [w.organization.id],
  );

/** What a tick did to messages that were there before it, by campaign. */
async function tickAndTell(w: World): Promise<Map<string, Became>> {
  const before = new Map((await statuses(w)).map((row) => [row.id, row]));
  await runTick(s, w);
  const told = new Map<string, Became>();
  for (const { id, campaign, status, skipReason } of await statuses(w)) {
    if (before.get(id)?.status !== "pending") continue;
    const became = told.get(campaign) ?? { campaign, sent: 0, lacking: 0, skipped: {} };
    told.set(campaign, became);
    if (status === "sent") became.sent++;
    else if (status === "skipped" && skipReason === "missing_variable") became.lacking++;
    else if (status === "skipped")
      became.skipped[skipReason ?? ""] = (became.skipped[skipReason ?? ""] ?? 0) + 1;
  }
  return told;
}

describe("tick --dry-run", () => {
  it("tells how many of each campaign the tick then sends and skips, and writes nothing", async () => {
    const api = await apiThat(accept);
    let sent = 0;
    for (const seed of [2, 5, 9]) {
      const { w } = await makeCases(s, api.url, seed);
      const before = await everyRow();
      const { lines } = await dryRun(s.database, w.organization.id, 55);
      expect(await everyRow()).toEqual(before);
      const became = await tickAndTell(w);
      for (const line of lines.filter(({ writesOut }) => writesOut === 0)) {
        const real = became.get(line.campaign ?? "") ?? { sent: 0, lacking: 0, skipped: {} };
        expect({ seed, line, send: real.sent + real.lacking, skip: real.skipped }).toEqual({
          seed,
          line,
          send: line.send,
          skip: line.skip,
        });
        sent += line.send;
      }
    }
    expect(sent).toBeGreaterThan(5);
    await s.expectCleanAudit();
  });

  it("says whom it would write out first, what it would pause, and what others wait for", async () => {
    const w = await s.world();
    await w.contacts(7);
    await makeCampaign(s.database, w.organization, {
      name: "Nu",
      status: "scheduled",
      scheduledAt: minutesAfter(-1),
    });
    await makeCampaign(s.database, w.organization, {
      name: "Te laat",
      status: "scheduled",
      scheduledAt: minutesAfter(-24 * 60),
    });
    await makeCampaign(s.database, w.organization, {
      name: "Straks",
      status: "scheduled",
      scheduledAt: minutesAfter(60),
    });
    const { name: slow } = await w.broadcast({ perHour: 60, states: { pending: 9, waiting: 2 } });
    const { lines, send, wait } = await dryRun(s.database, w.organization.id, 55);
    const short = lines.map(({ campaign, would, writesOut, due, send, wait }) => ({
      campaign,
      would,
      writesOut,
      due,
      send,
      wait,
    }));
    expect(short).toEqual(
      expect.arrayContaining([
        { campaign: "Nu", would: "start", writesOut: 18, due: 0, send: 0, wait: {} },
        { campaign: "Te laat", would: "pause", writesOut: 0, due: 0, send: 0, wait: {} },
        {
          campaign: slow,
          would: "send",
          writesOut: 0,
          due: 9,
          send: 2,
          wait: { hourly_limit: 7, next_attempt: 2 },
        },
      ]),
    );
    expect({ send, wait }).toEqual({ send: 2, wait: { hourly_limit: 7, next_attempt: 2 } });
    expect(lines).toHaveLength(3);
  });

  it("counts for the tick's time what it has no time for", async () => {
    const w = await s.world({ sender: { throughput: 2 } });
    await w.broadcast({ states: { pending: 30 } });
    const { lines } = await dryRun(s.database, w.organization.id, 5);
    expect(lines).toMatchObject([{ due: 30, send: 10, wait: { time: 20 } }]);
  });

  it("lists them, and refuses what makes no sense with it", async () => {
    const w = await s.world();
    const { name } = await w.broadcast({ states: { pending: 3 } });
    const run = (...argv: string[]) =>
      runCommand(command, argv, { databaseUrl: s.url, organization: w.organization.slug, now: NOW });
    const { stdout, exitCode } = await run("--dry-run");
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(`main +${name} +send +0 +3 +3`),
    });
    expect(await run("--dry-run", "--drain")).toMatchObject({ exitCode: 2 });
    const ticks = await s.database.transaction(worker, (tx) =>
      tx.query("select from tick_runs where host is null"),
    );
    expect(ticks).toEqual([]);
  });
});
