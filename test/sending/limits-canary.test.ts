import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { showCampaign } from "../../src/campaigns/show.ts";
import { sheetOf } from "../../src/campaigns/show-columns.ts";
import { wakeCampaigns } from "../../src/campaigns/wake.ts";
import { operator } from "../../src/db/identity.ts";
import type { RowOutcome } from "../../src/sending/outcomes.ts";
import { Recorder } from "../../src/sending/recorder.ts";
import { completeCampaigns } from "../../src/sending/rescue.ts";
import { minutesAfter, NOW, type Setup, setup, type TestBroadcast, type World } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

beforeEach(() => s.at(NOW));

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

const canary = { messages: 4, maxFailureRate: 0.25, wait: "10m" };

async function canaryWorld(settings: object = {}, people = 10) {
  const w = await s.world();
  const campaign = await w.broadcast({ states: { pending: people }, settings: { canary, ...settings } });
  return { w, campaign };
}

/** Claims what the canary lets through and records an outcome for each, in turn. */
async function send(w: World, outcomes: readonly RowOutcome[] = ["sent"], size = 500): Promise<number> {
  const { jobs, id, lane } = await w.claim(size);
  const recorder = new Recorder(s.database, lane, () => {});
  recorder.open(id, jobs.length);
  for (const [i, { id: jobId, attempts }] of jobs.entries()) {
    const row = outcomes[i % outcomes.length] as RowOutcome;
    const providerMessageId = row === "sent" ? `wamid.${jobId}` : null;
    const why =
      row === "sent" ? { errorCode: null, error: null } : { errorCode: "131026", error: "unreachable" };
    recorder.add({
      kind: "b",
      jobId,
      windowId: id,
      attempt: attempts,
      outcome: { row, afterSeconds: row === "retry" ? 60 : 0, ...why, providerMessageId },
      at: NOW,
      type: "text",
      body: null,
    });
  }
  await recorder.drain();
  await w.expireLeases();
  return jobs.length;
}

const isDue = async (w: World) => {
  const lanes = await w.lanes();
  await w.expireLeases();
  return lanes.length > 0;
};
const wake = (w: World) => wakeCampaigns(s.database, w.organization.id);
const show = (w: World, campaign: TestBroadcast) =>
  s.database.transaction(operator(w.organization.profileId), (tx) =>
    showCampaign(tx, w.organization.id, campaign.id),
  );

describe("a canary", () => {
  it("goes first, and its lane is not taken for the others", async () => {
    const { w, campaign } = await canaryWorld();
    expect(await send(w)).toBe(4);
    expect(await isDue(w)).toBe(false);
    expect(await w.run(campaign)).toMatchObject({ nextSeq: 4, canary: 4, canaryClaimed: 4 });
  });

  it("that went well lets the others go, once its wait is over", async () => {
    const { w, campaign } = await canaryWorld();
    await send(w, ["sent", "sent", "failed", "sent"]);
    s.at(minutesAfter(9));
    expect(await wake(w)).toMatchObject({ paused: 0 });
    expect(await isDue(w)).toBe(false);
    s.at(minutesAfter(11));
    expect(await wake(w)).toMatchObject({ paused: 0 });
    expect(await send(w)).toBe(6);
    expect(await w.campaign(campaign)).toMatchObject({ status: "running" });
  });

  it("that went badly pauses the campaign with the reason; a person's resume lets the others go", async () => {
    const { w, campaign } = await canaryWorld();
    await send(w, ["sent", "failed"]);
    s.at(minutesAfter(11));
    expect(await wake(w)).toMatchObject({ paused: 1 });
    expect(await w.campaign(campaign)).toMatchObject({
      status: "paused",
      pauseReason: "its canary went badly: 2 of 4 messages failed (at most 25 %); most often: unreachable",
    });
    await w.rows(
      "update bulk_campaigns set status = 'running', paused_at = null, pause_reason = null, resume_as = null where id = $1",
      [campaign.id],
    );
    expect(await wake(w)).toMatchObject({ paused: 0 });
    expect(await send(w)).toBe(6);
  });

  it("tries its own again meanwhile, and nobody else", async () => {
    const { w, campaign } = await canaryWorld();
    await send(w, ["sent", "retry", "sent", "retry"]);
    s.at(minutesAfter(2));
    expect(await isDue(w)).toBe(true);
    expect(await send(w, ["retry"])).toBe(2);
    expect(await w.run(campaign)).toMatchObject({ canaryClaimed: 4 });
    s.at(minutesAfter(11));
    expect(await wake(w)).toMatchObject({ paused: 0 }); // two of four are not decided yet
    expect(await send(w)).toBe(2);
    await wake(w);
    expect(await send(w)).toBe(6);
  });

  it("takes an unknown outcome for no success", async () => {
    const { w, campaign } = await canaryWorld();
    await send(w, ["sent", "unknown"]);
    s.at(minutesAfter(11));
    await wake(w);
    expect(await w.campaign(campaign)).toMatchObject({ status: "paused" });
  });

  it("counts people who were sent to: the skipped are passed over, the handed back go again", async () => {
    const { w, campaign } = await canaryWorld();
    await w.rows(
      "update contacts set blocked_at = adsapp_now() where id in (select contact_id from bulk_message_jobs where organization_id = $1 and seq <= 3)",
      [w.organization.id],
    );
    expect(await send(w, ["handback"])).toBe(1);
    let sent = 0;
    while (await isDue(w)) sent += await send(w);
    expect(sent).toBe(4);
    expect((await w.jobs(campaign)).filter(({ status }) => status === "sent")).toHaveLength(4);
  });

  it("larger than its audience holds nobody up: the campaign completes", async () => {
    const { w, campaign } = await canaryWorld({}, 3);
    expect(await send(w)).toBe(3);
    await completeCampaigns(s.database, w.organization.id);
    expect(await w.campaign(campaign)).toMatchObject({ status: "completed" });
  });

  it("is told by campaign show, as is until when the others wait", async () => {
    const { w, campaign } = await canaryWorld();
    const before = await show(w, campaign);
    expect(before.canary).toEqual({ messages: 4, dispatched: 0, judgedAt: null });
    expect(sheetOf(before).canary).toBe("0 of 4 went out; the others wait for how they fare");
    await send(w);
    const { canary: told, forecast } = await show(w, campaign);
    expect(told?.dispatched).toBe(4);
    expect(told?.judgedAt?.getTime()).toBeCloseTo(minutesAfter(10).getTime(), -5);
    expect(forecast?.startsAt).toEqual(told?.judgedAt);
    s.at(minutesAfter(11));
    await wake(w);
    expect((await show(w, campaign)).canary).toBeNull();
  });
});
