import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { closeCancelled } from "../../src/campaigns/transitions.ts";
import { completeCampaigns, rescueWindows, settleUnknown } from "../../src/sending/rescue.ts";
import { minutesAfter, NOW, type Setup, setup, type World } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterEach(() => s.at(NOW));

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

const statuses = async (w: World, campaign: { id: string }) =>
  (await w.jobs(campaign)).map(({ status }) => status);
const rescue = (w: World) => rescueWindows(s.database, w.organization.id);
const settle = (w: World) => settleUnknown(s.database, w.organization.id);
const complete = (w: World) => completeCampaigns(s.database, w.organization.id);

describe("what a dead worker held", () => {
  it("becomes unknown once its lease ran out, and not before", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { pending: 3 } });
    await w.claim(2);
    expect(await rescue(w)).toBe(0);
    expect(await statuses(w, campaign)).toEqual(["dispatching", "dispatching", "pending"]);
    await w.expireLeases();
    expect(await rescue(w)).toBe(2);
    const [first] = await w.jobs(campaign);
    expect(first).toMatchObject({
      status: "unknown",
      attempts: 1,
      laneToken: null,
      unknownSince: first?.dispatchedAt,
      errorCode: "crash",
    });
    expect(
      await w.rows("select id from lane_windows where organization_id = $1", [w.organization.id]),
    ).toEqual([]);
    expect(await rescue(w)).toBe(0);
  });

  it("becomes unknown when another took the lane, who keeps what is its own", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { pending: 2 } });
    await w.claim(1);
    await w.expireLeases();
    await w.claim(1);
    expect(await rescue(w)).toBe(1);
    expect(await statuses(w, campaign)).toEqual(["unknown", "dispatching"]);
  });

  it("stays what it is where it was recorded already", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { pending: 2 } });
    await w.claim();
    await w.rows(
      "update bulk_message_jobs set status = 'cancelled', lane_token = null where campaign_id = $1 and seq = 1",
      [campaign.id],
    );
    await w.expireLeases();
    expect(await rescue(w)).toBe(1);
    expect(await statuses(w, campaign)).toEqual(["cancelled", "unknown"]);
  });

  it("of other organizations is left alone when one was asked for", async () => {
    const [mine, theirs] = [await s.world(), await s.world()];
    const campaign = await theirs.broadcast({ states: { pending: 1 } });
    await theirs.claim();
    await theirs.expireLeases();
    expect(await rescue(mine)).toBe(0);
    expect(await statuses(theirs, campaign)).toEqual(["dispatching"]);
  });
});

/** An unknown message dispatched at NOW, and others of the same sender two minutes later, some of which have a status. */
async function silence(given: { answered?: number; silent?: number; settings?: object } = {}) {
  s.at(NOW);
  const w = await s.world();
  const campaign = await w.broadcast({
    states: { pending: 1 },
    ...(given.settings === undefined ? {} : { settings: given.settings }),
  });
  await w.claim();
  await w.expireLeases();
  await rescue(w);
  s.at(minutesAfter(2));
  const { answered = 1, silent = 0 } = given;
  if (answered + silent > 0) await w.broadcast({ states: { delivered: answered, sent: silent }, ago: "0" });
  const settledAfter = async (minutes: number) => {
    s.at(minutesAfter(minutes));
    const settled = await settle(w);
    return { settled, job: (await w.jobs(campaign))[0] };
  };
  return { w, campaign, settledAfter };
}

describe("an unknown outcome", () => {
  it("is sent again after holdMinutes, when a later message has its status", async () => {
    const { settledAfter } = await silence();
    expect(await settledAfter(9)).toMatchObject({ settled: 0, job: { status: "unknown" } });
    const { settled, job } = await settledAfter(11);
    expect({ settled, job }).toMatchObject({
      settled: 1,
      job: { status: "pending", attempts: 1, unknownSince: null },
    });
    expect(job?.nextAttemptAt).not.toBeNull();
  });

  it("waits as long as its campaign says", async () => {
    const { settledAfter } = await silence({ settings: { holdMinutes: 60 } });
    expect((await settledAfter(59)).settled).toBe(0);
    expect((await settledAfter(61)).settled).toBe(1);
  });

  it("waits while no later message has a status: webhooks may not be arriving at all", async () => {
    expect((await (await silence({ answered: 0 })).settledAfter(30)).settled).toBe(0);
    expect((await (await silence({ answered: 0, silent: 5 })).settledAfter(30)).settled).toBe(0);
  });

  it("waits while fewer than 95 percent of that time's messages have a status", async () => {
    expect((await (await silence({ answered: 18, silent: 2 })).settledAfter(30)).settled).toBe(0);
    expect((await (await silence({ answered: 19, silent: 1 })).settledAfter(30)).settled).toBe(1);
  });

  it("is proven by a later message hours afterwards too: the next tick may have been late", async () => {
    const { w, settledAfter } = await silence({ answered: 0 });
    s.at(minutesAfter(180));
    await w.broadcast({ states: { delivered: 1 }, ago: "0" });
    expect((await settledAfter(185)).settled).toBe(1);
  });

  it("is proven behind hundreds of agents' answers too: they neither prove it nor hide what does", async () => {
    const { w, settledAfter } = await silence({ answered: 0 });
    const [contact] = await w.contacts(1, {});
    await w.rows(
      `insert into messages (organization_id, direction, contact_id, sender_id, attempt, type, status, provider_message_id, sent_at, delivered_at, webhook_at)
       select $1, 'outbound', $2, $3, 1, 'text', 'delivered', 'wamid.answer.' || n, t.at, t.at, t.at
         from generate_series(1, 250) n cross join lateral (select adsapp_now() + n * interval '1 ms' as at) t returning id`,
      [w.organization.id, (contact as { id: string }).id, w.sender.id],
    );
    expect((await settledAfter(30)).settled).toBe(0);
    s.at(minutesAfter(40));
    await w.broadcast({ states: { delivered: 1 }, ago: "0" });
    expect((await settledAfter(45)).settled).toBe(1);
  });

  it("is not proven by a message that was dispatched before, though its answer came after", async () => {
    s.at(NOW);
    const w = await s.world();
    const earlier = await w.broadcast({ states: { delivered: 5 }, ago: "1 second" });
    await w.broadcast({ states: { pending: 1 } });
    await w.claim();
    await w.expireLeases();
    await rescue(w);
    await w.rows(
      `update messages set sent_at = $2 from bulk_message_jobs j where j.id = messages.bulk_message_job_id and j.campaign_id = $1`,
      [earlier.id, minutesAfter(1)],
    );
    s.at(minutesAfter(30));
    expect(await settle(w)).toBe(0);
    await w.rows("update bulk_message_jobs set dispatched_at = $2 where campaign_id = $1", [
      earlier.id,
      minutesAfter(0.5),
    ]);
    expect(await settle(w)).toBe(1);
  });

  it("is judged by the two hundred messages nearest to it, whatever was silent long after", async () => {
    const { w, settledAfter } = await silence({ answered: 200 });
    s.at(minutesAfter(40));
    await w.broadcast({ states: { sent: 100 }, ago: "0" });
    expect((await settledAfter(45)).settled).toBe(1);
  });

  it("is not proven by earlier messages, or another sender's", async () => {
    const w = await s.world();
    await w.broadcast({ states: { delivered: 5 }, ago: "1 minute" });
    const campaign = await w.broadcast({ states: { pending: 1 } });
    await w.claim();
    await w.expireLeases();
    await rescue(w);
    const other = await s.world();
    s.at(minutesAfter(2));
    await other.broadcast({ states: { delivered: 5 }, ago: "0" });
    s.at(minutesAfter(20));
    expect(await settle(w)).toBe(0);
    expect(await statuses(w, campaign)).toEqual(["unknown"]);
  });

  it("stays for a person where its campaign holds it, without an attempt left, and after a day", async () => {
    expect((await (await silence({ settings: { onUnknown: "hold" } })).settledAfter(30)).settled).toBe(0);
    const exhausted = await silence();
    await exhausted.w.rows("update bulk_message_jobs set max_attempts = 1 where campaign_id = $1", [
      exhausted.campaign.id,
    ]);
    expect((await exhausted.settledAfter(30)).settled).toBe(0);
    expect((await (await silence()).settledAfter(24 * 60 + 1)).settled).toBe(0);
  });

  it("waits while its campaign is paused", async () => {
    const { w, campaign, settledAfter } = await silence();
    await w.rows("update bulk_campaigns set status = 'paused', pause_reason = 'x' where id = $1", [
      campaign.id,
    ]);
    expect((await settledAfter(30)).settled).toBe(0);
  });

  it("is sent again under a number of its own", async () => {
    const { w, campaign, settledAfter } = await silence();
    await settledAfter(30);
    await w.expireLeases();
    expect((await w.claim()).jobs).toMatchObject([{ campaignId: campaign.id, attempts: 2 }]);
  });
});

describe("a campaign", () => {
  const status = async (w: World, campaign: { id: string }) => (await w.campaign(campaign)).status;

  it("is complete without an open row", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({
      states: { sent: 1, delivered: 1, read: 1, failed: 1, skipped: 1, cancelled: 1 },
    });
    expect(await complete(w)).toBe(1);
    expect(await w.campaign(campaign)).toMatchObject({ status: "completed", completedAt: expect.any(Date) });
  });

  it.each(["pending", "waiting", "dispatching", "unknown"] as const)(
    "is not, while a row is %s",
    async (state) => {
      const w = await s.world();
      const campaign = await w.broadcast({ states: { sent: 1, [state]: 1 } });
      expect(await complete(w)).toBe(0);
      expect(await status(w, campaign)).toBe("running");
    },
  );

  it("is not, before its audience is written out", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { sent: 1 } });
    await w.rows("update campaign_runs set expanded_at = null where campaign_id = $1", [campaign.id]);
    expect(await complete(w)).toBe(0);
    await w.rows("update campaign_runs set expanded_at = adsapp_now() where campaign_id = $1", [campaign.id]);
    expect(await complete(w)).toBe(1);
  });

  it("is complete with rows that only a person may settle: held, exhausted, or a day old", async () => {
    const w = await s.world();
    await w.broadcast({ states: { unknown: 2 }, settings: { onUnknown: "hold" } });
    await w.broadcast({ states: { unknown: 1 }, ago: "25 hours" });
    const exhausted = await w.broadcast({ states: { unknown: 1 } });
    await w.rows("update bulk_message_jobs set max_attempts = 1 where campaign_id = $1", [exhausted.id]);
    expect(await complete(w)).toBe(3);
  });

  it("that was cancelled half-way has its pending rows closed, and no others", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { sent: 1, unknown: 1, waiting: 1, pending: 2 } });
    const running = await w.broadcast({ states: { pending: 1 } });
    await w.rows(
      "update bulk_campaigns set status = 'cancelled', cancelled_at = adsapp_now() where id = $1",
      [campaign.id],
    );
    expect(await closeCancelled(s.database, w.organization.id)).toBe(3);
    expect(await statuses(w, campaign)).toEqual(["sent", "unknown", "cancelled", "cancelled", "cancelled"]);
    expect(await statuses(w, running)).toEqual(["pending"]);
  });
});
