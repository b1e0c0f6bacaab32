import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { owner, worker } from "../../src/db/identity.ts";
import { claimStatement } from "../../src/sending/statements.ts";
import { makeCampaign, makeJobs, makeRun } from "../support/factories.ts";
import { until } from "../support/until.ts";
import { claimWindow } from "./claim.ts";
import { minutesAfter, NOW, type Setup, setup, type World } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(() => s.end());

const dispatched = (w: World) =>
  w.rows<{ id: string; attempts: number }>(
    "select id, attempts from bulk_message_jobs where organization_id = $1 and attempts > 0",
    [w.organization.id],
  );

describe("claims at the same time", () => {
  it("under one lane never hold the same job, and leave none out", async () => {
    const w = await s.world();
    await w.broadcast({ states: { pending: 150 } });
    await w.broadcast({ states: { pending: 150 } });
    const lane = await w.lane();
    const others = [1, 2, 3].map(() => new Database({ url: s.url }));
    for (const database of others) database.setNowOffset(`${(NOW.getTime() - Date.now()) / 1000} seconds`);
    const claimed: string[] = [];
    for (let round = 0; round < 40 && (await dispatched(w)).length < 300; round++) {
      const windows = await Promise.all(others.map((database) => claimWindow(database, lane, 20)));
      claimed.push(...windows.flatMap(({ jobs }) => jobs.map(({ id }) => id)));
    }
    await Promise.all(others.map((database) => database.close()));
    expect(claimed).toHaveLength(300);
    expect(new Set(claimed).size).toBe(300);
    expect((await dispatched(w)).every(({ attempts }) => attempts === 1)).toBe(true);
    await s.expectCleanAudit();
  });

  it("as the audience is being written out: nobody that it did not see yet falls behind the cursor", async () => {
    const w = await s.world();
    const campaign = await makeCampaign(s.database, w.organization);
    const run = await makeRun(s.database, campaign, { expanded: false });
    await makeJobs(s.database, run, { pending: 3 });
    const lane = await w.lane();
    await stallClock(s.database);
    const holder = new Database({ url: s.url });
    const stalled = new Database({
      url: `${s.url}${s.url.includes("?") ? "&" : "?"}application_name=stalled`,
    });
    let claim: Promise<unknown> = Promise.resolve();
    await holder.transaction(owner, async (tx) => {
      await tx.query("select pg_advisory_xact_lock(20261127)");
      claim = claimOnce(stalled, lane, 10); // its statement has begun and sees three jobs
      await until("the claim has begun", async () => {
        const [{ n }] = (await s.rows(
          "select count(*) as n from pg_locks where locktype = 'advisory' and not granted",
        )) as [{ n: number }];
        return n > 0;
      });
      await makeJobs(s.database, run, { pending: 4 });
    });
    await claim;
    await Promise.all([holder.close(), stalled.close()]);
    expect(await w.run(campaign)).toMatchObject({ nextSeq: 3, expandedSeq: 7 });
    expect((await claimWindow(s.database, lane, 10)).jobs).toHaveLength(4);
    await w.rows("update campaign_runs set expanded_at = adsapp_now() where campaign_id = $1", [campaign.id]);
    await s.expectCleanAudit();
  });
});

/**
 * Statements of the application `stalled` wait for a lock when they first ask for the time, after their snapshot. Volatile,
 * unlike the real one: a planner that wants an estimate would wait before it.
 */
async function stallClock(database: Database): Promise<void> {
  await database.transaction(owner, async (tx) => {
    await tx.run("alter function adsapp_now() rename to adsapp_real_now");
    await tx.run(`create function adsapp_now() returns timestamptz language plpgsql volatile as $$
      begin
        if current_setting('application_name') = 'stalled' then perform pg_advisory_xact_lock_shared(20261127); end if;
        return public.adsapp_real_now();
      end $$`);
  });
}

describe("the cursor", () => {
  it("never passes a pending row, whatever claims, hand-backs, waits and cancels come", async () => {
    const step = fc.record({
      size: fc.integer({ min: 1, max: 9 }),
      next: fc.constantFrom("keep", "hand back", "wait", "sent nothing", "cancel one", "minutes pass"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 20 }), async (steps) => {
        const w = await s.world();
        const campaigns = [
          await w.broadcast({ states: { pending: 15 } }),
          await w.broadcast({ states: { pending: 9 }, perHour: 60 }),
        ];
        await w.rows("update contacts set timezone = 'Asia/Tokyo' where id = $1", [
          campaigns[0]?.jobs[4]?.contactId,
        ]);
        const lane = await w.lane();
        let minutes = 0;
        for (const { size, next } of steps) {
          if (next === "minutes pass") minutes += 10;
          s.at(minutesAfter(minutes));
          await claimWindow(s.database, lane, size);
          await afterwards(w, next);
          expect(await behindCursor(w)).toEqual([]);
        }
        await s.expectCleanAudit();
        s.at(NOW);
        await w.rows(
          "update bulk_campaigns set status = 'paused', pause_reason = 'done' where organization_id = $1",
          [w.organization.id],
        );
      }),
      { numRuns: 12 },
    );
  });
});

const behindCursor = (w: World) =>
  w.rows(
    `select j.seq from campaign_runs r join bulk_message_jobs j on j.campaign_id = r.campaign_id and j.seq <= r.next_seq
      where r.organization_id = $1 and j.status = 'pending' and j.next_attempt_at is null`,
    [w.organization.id],
  );

async function afterwards(w: World, next: string): Promise<void> {
  const change = {
    "hand back":
      "status = 'pending', lane_token = null, attempts = attempts - 1, next_attempt_at = adsapp_now()",
    wait: "status = 'pending', lane_token = null, attempts = attempts - 1, next_attempt_at = adsapp_now() + interval '5 minutes'",
  }[next];
  if (change !== undefined)
    await w.rows(
      `update bulk_message_jobs set ${change} where id in
         (select id from bulk_message_jobs where organization_id = $1 and status = 'dispatching' limit 3)`,
      [w.organization.id],
    );
  if (next === "cancel one")
    await w.rows(
      `update bulk_message_jobs set status = 'cancelled', next_attempt_at = null where id in
         (select id from bulk_message_jobs where organization_id = $1 and status = 'pending' limit 1)`,
      [w.organization.id],
    );
}

describe("a claim among 200,000 jobs", () => {
  it("reads no job that is done with", async () => {
    const w = await s.world();
    for (let n = 0; n < 20; n++) await makeRun(s.database, await makeCampaign(s.database, w.organization));
    await w.contacts(10_000);
    await s.database.transaction(owner, async (tx) => {
      await tx.run("alter table bulk_message_jobs disable trigger user");
      await tx.run(FILL, [w.organization.id]);
      await tx.run(
        "update campaign_runs set expanded_seq = 10000, next_seq = 9950 where organization_id = $1",
        [w.organization.id],
      );
      await tx.run("alter table bulk_message_jobs enable trigger user");
      await tx.run("analyze");
    });
    const lane = await w.lane();
    const plan = await explainClaim(lane);
    const scans = nodesOf(plan).filter((node) => node["Relation Name"] === "bulk_message_jobs");
    expect(scans.length).toBeGreaterThan(0);
    expect(scans.map((node) => node["Node Type"])).not.toContain("Seq Scan");
    for (const scan of scans)
      expect((scan["Actual Rows"] as number) * (scan["Actual Loops"] as number)).toBeLessThanOrEqual(1000);
    expect(
      Math.max(...scans.map((scan) => (scan["Rows Removed by Filter"] as number | undefined) ?? 0)),
    ).toBeLessThan(1000);
  });
});

/** Ten thousand jobs in each of twenty campaigns, all sent but the last fifty. */
const FILL = `
  insert into bulk_message_jobs (organization_id, campaign_id, seq, contact_id, status, sent_at, counted_on, attempts, dispatched_at)
  select $1, r.campaign_id, c.n, c.id, case when c.n <= 9950 then 'sent' else 'pending' end,
         case when c.n <= 9950 then adsapp_now() end, case when c.n <= 9950 then adsapp_now()::date end,
         (c.n <= 9950)::int, case when c.n <= 9950 then adsapp_now() end
    from campaign_runs r
    join (select id, row_number() over (order by id) as n from contacts where organization_id = $1) c on true
   where r.organization_id = $1`;

const CLAIM = claimStatement("b");

/** The claim's statement alone: after it, another one would see more. */
function claimOnce(
  database: Database,
  lane: { id: string; laneToken: string },
  size: number,
): Promise<unknown> {
  return database.transaction(worker, (tx) =>
    tx.query(CLAIM, [lane.id, lane.laneToken, size, randomUUID(), false, null, [], [], 2]),
  );
}

type Plan = Record<string, unknown> & { Plans?: Plan[] };

async function explainClaim(lane: { id: string; laneToken: string }): Promise<Plan> {
  const [explained] = await s.database.transaction(worker, (tx) =>
    tx.query<{ "QUERY PLAN": { Plan: Plan }[] }>(`explain (analyze, format json) ${CLAIM}`, [
      lane.id,
      lane.laneToken,
      200,
      "00000000-0000-4000-8000-000000000000",
      false,
      null,
      [],
      [],
      2,
    ]),
  );
  return (Object.values(explained as object)[0] as { Plan: Plan }[])[0]?.Plan as Plan;
}

function nodesOf(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}
