import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit } from "../../src/analytics/audit.ts";
import { owner, worker } from "../../src/db/identity.ts";
import { until } from "../support/until.ts";
import { type Counted, countersOf, makeCounted, NOTHING, SAY, type Said, sayParameters } from "./counted.ts";

let s: Counted;

beforeAll(async () => {
  s = await makeCounted();
});

afterAll(() => s.end());

describe("two batches that count the same campaigns", () => {
  const sessions: pg.Client[] = [];

  /** A worker's session; no retry hides a deadlock. */
  async function session(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: s.url });
    await client.connect();
    await client.query("set role adsapp_worker");
    sessions.push(client);
    return client;
  }

  afterAll(() => Promise.all(sessions.map((client) => client.end())));

  const waiting = () =>
    s.database.transaction(owner, (tx) =>
      tx.query(
        "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      ),
    );

  const batchOf = (row: Said, places: readonly [campaign: number, job: number][]) =>
    new Map(places.map(([campaign, job]) => [s.campaigns[campaign]?.jobs[job]?.id as string, row]));

  const sentOn = (day: string): Said => ({ ...NOTHING, status: "sent", sent: true, day });

  it("wait for each other in the order of the keys, whichever order their rows come in", async () => {
    const [holder, forth, back] = [await session(), await session(), await session()];
    await holder.query("begin");
    await holder.query("select from bulk_campaigns where id = $1 for no key update", [
      s.campaigns[1]?.run.campaignId,
    ]);
    const batches = [
      forth.query(
        SAY,
        sayParameters(
          batchOf(sentOn("2026-11-01"), [
            [0, 0],
            [1, 0],
            [2, 0],
          ]),
        ),
      ),
      back.query(
        SAY,
        sayParameters(
          batchOf(sentOn("2026-11-02"), [
            [2, 1],
            [1, 1],
            [0, 1],
          ]),
        ),
      ),
    ];
    await until("both batches wait", async () => (await waiting()).length === 2);
    await holder.query("commit");
    await Promise.all(batches);
    await s.database.transaction(worker, async (tx) => {
      for (const { run } of s.campaigns)
        expect((await countersOf(tx, run.campaignId)).statistics).toMatchObject({ messagesSent: 2 });
    });
  });

  it("never deadlock, and lose no count: four at once, forty batches each", async () => {
    const clients = [await session(), await session(), await session(), await session()];
    const days = ["2026-11-01", "2026-11-02", "2026-11-03"];
    const work = clients.map(async (client, mine) => {
      for (let turn = 0; turn < 40; turn++) {
        const places = [0, 1, 2].map((i): [number, number] => [
          (i + mine + turn) % 3,
          2 + mine * 2 + (turn % 2),
        ]);
        const row = turn % 3 === 2 ? NOTHING : sentOn(days[(turn + mine) % 3] as string);
        await client.query(SAY, sayParameters(batchOf(row, turn % 2 === 0 ? places : places.reverse())));
      }
    });
    await Promise.all(work);
    const { checks } = await s.database.transaction(worker, (tx) => audit(tx, null));
    const counts = checks.filter(({ name }) =>
      ["ledger_balances", "counters_equal_rows", "analytics_equal_rows"].includes(name),
    );
    expect(counts.map(({ ok }) => ok)).toEqual([true, true, true]);
  });
});
