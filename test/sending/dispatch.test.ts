import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { owner } from "../../src/db/identity.ts";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { applyInbox, storeBodies } from "../../src/webhooks/inbox.ts";
import type { TestJob } from "../support/factories.ts";
import { until } from "../support/until.ts";
import { bodyOf } from "../webhooks/setup.ts";
import { accept, apiThat, cloudWorld, statusesOf, workLane } from "./dispatching.ts";
import { type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

describe("a lane with a campaign", () => {
  it("sends each message once, through the simulator, and releases the lane", async () => {
    const simulator = await startSimulator({ token: "token" });
    onTestFinished(() => simulator.close());
    const { w, campaign } = await cloudWorld(s, 300);
    const report = await workLane(s, w, { url: simulator.url });
    expect(report).toMatchObject({ bulk: 300, unknown: 0, failed: 0, halted: null, fault: undefined });
    expect(await statusesOf(w, campaign)).toEqual({ sent: 300 });
    const opaqueIds = simulator.accepted().map(({ opaqueId }) => opaqueId);
    expect(new Set(opaqueIds)).toEqual(new Set(campaign.jobs.map(({ id }) => `b:${id}:1`)));
    expect(opaqueIds).toHaveLength(300);
    const [sender] = await w.rows("select lane_token from senders where id = $1", [w.sender.id]);
    expect(sender).toEqual({ laneToken: null });
  });

  it("keeps to the sender's throughput, and uses it", async () => {
    const api = await apiThat(accept);
    const { w } = await cloudWorld(s, 150, { throughput: 100 });
    await workLane(s, w, { url: api.url });
    const times = api.arrivals.map(({ at }) => at);
    const inOneSecond = times.map((from) => times.filter((t) => t >= from && t < from + 1000).length);
    expect(Math.max(...inOneSecond)).toBeLessThanOrEqual(125);
    expect(times).toHaveLength(150);
    expect((times.at(-1) as number) - (times[0] as number)).toBeGreaterThan(1200);
  });

  it("has no more POSTs open than its provider allows", async () => {
    let open = 0;
    let most = 0;
    const api = await apiThat((response) => {
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        accept(response);
      }, 20);
    });
    const { w } = await cloudWorld(s, 40);
    expect(await workLane(s, w, { url: api.url, concurrency: 5 })).toMatchObject({ bulk: 40 });
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(5);
  });

  it("claims no more while the database takes down nothing of what was sent", async () => {
    const api = await apiThat(accept);
    const { w } = await cloudWorld(s, 3000);
    let working: ReturnType<typeof workLane> | undefined;
    await s.database.transaction(owner, async (tx) => {
      await tx.run("lock table messages in share mode"); // claims go on, nothing is recorded
      working = workLane(s, w, { url: api.url });
      let [before, unchanged] = [0, 0];
      await until("it sends no more", () => {
        unchanged = api.arrivals.length === before ? unchanged + 1 : 0;
        before = api.arrivals.length;
        return before > 500 && unchanged > 20;
      });
      // 500 at the last claim, half a window that was still waiting, a window, and what may be open
      expect(before).toBeLessThanOrEqual(500 + 250 + 500 + 256);
    });
    expect(await working).toMatchObject({ bulk: 3000, unknown: 0, fault: undefined });
  });

  it("skips whoever lacks a value, without a POST", async () => {
    const api = await apiThat(accept);
    const { w } = await cloudWorld(s, 0);
    const [who] = await w.rows<{ id: string }>(
      "insert into contacts (organization_id, phone, last_inbound_at, created_at) values ($1, '+31620000001', adsapp_now(), adsapp_now()) returning id",
      [w.organization.id],
    );
    const campaign = await w.broadcast({
      contacts: [who as { id: string }],
      message: { type: "text", text: "{{ contact.first_name }}" },
    });
    expect(await workLane(s, w, { url: api.url })).toMatchObject({ skipped: 1, bulk: 0 });
    expect(await w.jobs(campaign)).toMatchObject([
      { status: "skipped", skipReason: "missing_variable", attempts: 0 },
    ]);
    expect(api.arrivals).toEqual([]);
  });
});

describe("a message that was accepted before the connection broke", () => {
  it("is unknown, and its webhook settles it with no second POST", async () => {
    const api = await apiThat((response) => response.socket?.resetAndDestroy());
    const { w, campaign } = await cloudWorld(s, 1);
    await workLane(s, w, { url: api.url });
    const [job] = campaign.jobs as [TestJob, ...TestJob[]];
    expect(await statusesOf(w, campaign)).toEqual({ unknown: 1 });
    await storeBodies(
      s.database,
      [bodyOf([{ id: "wamid.after-all", status: "delivered", job, at: "2026-11-27T09:00:10Z" }])],
      "test",
    );
    await applyInbox(s.database);
    expect(await w.job(job)).toMatchObject({ status: "delivered", attempts: 1, unknownSince: null });
    expect(await w.lanes()).toEqual([]);
    expect(api.arrivals).toHaveLength(1);
  });
});

describe("a stop in mid-flight", () => {
  it("lets open POSTs end and hands the rest back, no attempt counted", async () => {
    const stopping = new AbortController();
    const api = await apiThat((response, _arrival, n) => {
      if (n === 20) stopping.abort();
      setTimeout(() => accept(response), 30);
    });
    const { w, campaign } = await cloudWorld(s, 200, { throughput: 100 }); // the API is in this process: a busy one is late to say stop
    const report = await workLane(s, w, { url: api.url, stopping: stopping.signal });
    const { sent = 0, pending = 0 } = await statusesOf(w, campaign);
    expect({ sent, all: sent + pending, reported: report.bulk }).toEqual({
      sent: api.arrivals.length,
      all: 200,
      reported: sent,
    });
    expect(pending).toBeGreaterThan(50);
    const back = (await w.jobs(campaign)).filter(({ status }) => status === "pending");
    expect(back.every(({ attempts, laneToken }) => attempts === 0 && laneToken === null)).toBe(true);
    expect(
      await w.rows("select id from lane_windows where organization_id = $1", [w.organization.id]),
    ).toEqual([]);
    expect(await workLane(s, w, { url: api.url })).toMatchObject({ bulk: pending });
    expect(new Set(api.arrivals.map(({ to }) => to)).size).toBe(api.arrivals.length);
  });

  it("asked for twice gives open POSTs up: they are unknown", async () => {
    const [stopping, aborting] = [new AbortController(), new AbortController()];
    const api = await apiThat((_response, _arrival, n) => {
      if (n < 3) return;
      stopping.abort();
      aborting.abort();
    });
    const { w, campaign } = await cloudWorld(s, 50, { throughput: 50 });
    await workLane(s, w, { url: api.url, stopping: stopping.signal, aborting: aborting.signal });
    const { unknown = 0, pending = 0 } = await statusesOf(w, campaign);
    expect(unknown).toBeGreaterThanOrEqual(3);
    expect(unknown + pending).toBe(50);
  });
});

describe("a definition that cannot be rendered", () => {
  it("hands its window back: what was never dispatched is not unknown", async () => {
    const api = await apiThat(accept);
    const { w, campaign } = await cloudWorld(s, 5);
    await w.rows(
      `update campaign_runs set definition = jsonb_set(definition, '{message,text}', '"{% for %}"') where campaign_id = $1`,
      [campaign.id],
    );
    expect((await workLane(s, w, { url: api.url })).fault).toBeInstanceOf(Error);
    expect(await w.jobs(campaign)).toMatchObject(Array(5).fill({ status: "pending", attempts: 0 }));
    expect(api.arrivals).toEqual([]);
  });
});
