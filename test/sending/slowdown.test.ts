import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { takeLanes } from "../../src/sending/lane.ts";
import { accept, apiThat, cloudWorld, refuse, statusesOf, workLane } from "./dispatching.ts";
import { LEASE, minutesAfter, NOW, type Setup, setup, type World } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

const senders = (w: World) =>
  w.rows(
    `select name, state, rate_factor, slowed_at, full_rate_at, rests_until, lane_token from senders where organization_id = $1 order by name`,
    [w.organization.id],
  );
const addSender = (w: World, name: string, tokenEnv: string, number: string) =>
  w.rows(
    "insert into senders (organization_id, name, provider, api_url, phone_number_id, token_env) values ($1, $2, 'whatsapp-cloud', 'http://127.0.0.1:9', $3, $4)",
    [w.organization.id, name, number, tokenEnv],
  );
const seconds = (from: unknown, to: unknown) => ((to as Date).getTime() - (from as Date).getTime()) / 1000;

describe("a number that is throttled", () => {
  it("starts slower in the next tick, on any host, and has recovered after ten seconds", async () => {
    s.at(NOW);
    const api = await apiThat((response, _arrival, n) =>
      n === 1 ? refuse(response, 429, 130429) : accept(response),
    );
    const { w, campaign } = await cloudWorld(s, 5);
    await addSender(w, "second", "WHATSAPP_TOKEN", "2002");
    await workLane(s, w, { url: api.url, concurrency: 1 });
    expect(await statusesOf(w, campaign)).toEqual({ sent: 4, pending: 1 });
    const [main, second] = await senders(w);
    expect(main).toMatchObject({ state: "slowed", rateFactor: 0.5, restsUntil: null });
    expect(seconds(main?.slowedAt, main?.fullRateAt)).toBeCloseTo(5);
    expect(second).toMatchObject({ state: "active" });
    const slowedAt = main?.slowedAt as Date;
    const take = () =>
      takeLanes(s.database, { leaseSeconds: LEASE, organizationId: w.organization.id, limit: 1 });
    s.at(new Date(slowedAt.getTime() + 2_500));
    const [slow] = await take();
    expect(slow?.rateFactor).toBeGreaterThanOrEqual(0.75);
    expect(slow?.rateFactor).toBeLessThan(1);
    await w.expireLeases();
    s.at(new Date(slowedAt.getTime() + 5_000));
    expect(await take()).toMatchObject([{ rateFactor: 1 }]);
    expect((await senders(w))[0]).toMatchObject({ state: "active" });
    await w.expireLeases();
  });

  it("rests as long as Meta asks: the lane, not only the row, and what was claimed is handed back", async () => {
    s.at(NOW);
    const api = await apiThat((response) => refuse(response, 429, 130429, { "retry-after": "120" }));
    const { w, campaign } = await cloudWorld(s, 40, { throughput: 20 });
    const report = await workLane(s, w, { url: api.url, concurrency: 1 });
    expect(report).toMatchObject({ halted: null, fault: undefined });
    expect(api.arrivals).toHaveLength(1);
    expect(await statusesOf(w, campaign)).toEqual({ pending: 40 });
    expect((await w.jobs(campaign)).every(({ attempts }) => attempts === 0)).toBe(true);
    const [main] = await senders(w);
    expect(seconds(NOW, main?.restsUntil)).toBeGreaterThanOrEqual(120);
    expect(seconds(NOW, main?.restsUntil)).toBeLessThan(180);
    expect(main?.laneToken).toBeNull();
    expect(await w.lanes()).toEqual([]);
    s.at(minutesAfter(4));
    expect(await w.lanes()).toHaveLength(1);
    await w.expireLeases();
  });

  it("rests a quarter of an hour at most", async () => {
    s.at(NOW);
    const api = await apiThat((response) => refuse(response, 429, 130429, { "retry-after": "999999" }));
    const { w } = await cloudWorld(s, 1);
    await workLane(s, w, { url: api.url });
    expect(seconds(NOW, (await senders(w))[0]?.restsUntil)).toBeLessThanOrEqual(960);
  });

  it("is halved once for all that was in the air", async () => {
    s.at(NOW);
    const api = await apiThat((response) => refuse(response, 429, 130429));
    const { w } = await cloudWorld(s, 20);
    await workLane(s, w, { url: api.url });
    expect((await senders(w))[0]).toMatchObject({ state: "slowed", rateFactor: 0.5 });
  });
});

describe("an app that is throttled", () => {
  it("slows all lanes of its token, for minutes, and stops a lane that is at work when Meta asks for a rest", async () => {
    s.at(NOW);
    const api = await apiThat((response) => refuse(response, 429, 80007, { "retry-after": "60" }));
    const { w } = await cloudWorld(s, 1);
    await addSender(w, "second", "WHATSAPP_TOKEN", "2002");
    await addSender(w, "third", "OTHER_TOKEN", "3003");
    const [second] = await w.rows("select id from senders where organization_id = $1 and name = 'second'", [
      w.organization.id,
    ]);
    const first = await w.lane();
    await w.expireLeases();
    const other = await w.broadcast({
      contacts: await w.contacts(3, { lastInboundAt: NOW }),
      senderId: second?.id as string,
    });
    const lanes = await w.lanes();
    const held = lanes.find(({ name }) => name === "second");
    await w.rows("update senders set lane_expires_at = null, lane_token = null where id = $1", [first.id]);
    expect((await w.claim(1, held)).jobs).toHaveLength(1);
    await workLane(s, w, { url: api.url });
    const rows = await senders(w);
    expect(rows.map(({ name, state, rateFactor }) => [name, state, rateFactor])).toEqual([
      ["main", "slowed", 0.5],
      ["second", "slowed", 0.5],
      ["third", "active", null],
    ]);
    expect(seconds(rows[1]?.slowedAt, rows[1]?.fullRateAt)).toBeCloseTo(300);
    expect((await w.claim(1, held)).jobs).toEqual([]);
    expect((await statusesOf(w, other)).pending).toBe(2);
    await w.rows(
      "update bulk_message_jobs set status = 'cancelled', lane_token = null where campaign_id = $1 and status = 'dispatching'",
      [other.id],
    );
  });
});

describe("a country that may not be messaged", () => {
  it("is skipped for the rest of its campaign, what was claimed already too; other countries go on", async () => {
    s.at(NOW);
    const api = await apiThat((response, { to }) =>
      to.startsWith("+31") ? refuse(response, 403, 130497) : accept(response),
    );
    const { w, campaign } = await cloudWorld(s, 60, { throughput: 20 });
    await w.rows(
      "update contacts set phone = '+49151123456' || right(phone, 2) where organization_id = $1 and right(phone, 1) = '7'",
      [w.organization.id],
    );
    await workLane(s, w, { url: api.url, concurrency: 1 });
    const { failed = 0, ...others } = await statusesOf(w, campaign);
    expect(failed).toBeLessThan(40); // the closing takes a moment
    expect(others).toEqual({ sent: 6, skipped: 54 - failed });
    const reasons = (await w.jobs(campaign)).filter(({ status }) => status === "skipped");
    expect(new Set(reasons.map(({ skipReason }) => skipReason))).toEqual(new Set(["country_not_allowed"]));
  });
});

describe("a campaign of one message a tick", () => {
  it("pauses at its fifth fault in a row all the same, and starts anew once a person has looked at it", async () => {
    s.at(NOW);
    const api = await apiThat((response) => refuse(response, 400, 132000));
    const { w, campaign } = await cloudWorld(s, 8);
    await w.rows("update campaign_runs set per_hour = 1 where campaign_id = $1", [campaign.id]);
    const tick = async (n: number) => {
      s.at(minutesAfter(62 * n));
      await workLane(s, w, { url: api.url, now: minutesAfter(62 * n) });
    };
    for (const n of [1, 2, 3, 4]) await tick(n);
    expect(await w.campaign(campaign)).toMatchObject({ status: "running", messagesFailed: 4 });
    await tick(5);
    expect(await w.campaign(campaign)).toMatchObject({ status: "paused", messagesFailed: 5 });
    await w.rows(
      "update bulk_campaigns set status = 'running', pause_reason = null, paused_at = null, resumed_at = adsapp_now() where id = $1",
      [campaign.id],
    );
    await tick(6);
    expect(await w.campaign(campaign)).toMatchObject({ status: "running", messagesFailed: 6 });
  });
});
