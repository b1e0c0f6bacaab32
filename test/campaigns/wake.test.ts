import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { resumeCampaign } from "../../src/campaigns/transitions.ts";
import { wakeCampaigns } from "../../src/campaigns/wake.ts";
import { operator } from "../../src/db/identity.ts";
import { haltSenders } from "../../src/sending/lane.ts";
import { completeCampaigns } from "../../src/sending/rescue.ts";
import { minutesAfter, NOW, type Setup, setup, type World } from "../sending/setup.ts";
import { makeCampaign, makeTemplate } from "../support/factories.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

beforeEach(() => s.at(NOW));

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

const HOUR = 60;
const wake = (w: World) => wakeCampaigns(s.database, w.organization.id);

async function claim(w: World, size = 1) {
  const { jobs } = await w.claim(size);
  await w.expireLeases();
  return jobs;
}

async function lateness(w: World, campaign: { id: string }, hours: number) {
  s.at(minutesAfter(hours * HOUR));
  await wake(w);
  const { status, pauseReason } = await w.campaign(campaign);
  return status === "paused" ? pauseReason : status;
}

describe("a running campaign", () => {
  it("that no tick came to for longer than its maxLateness pauses, with since when", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { pending: 3 } });
    expect(await lateness(w, campaign, 11.9)).toBe("running");
    expect(await lateness(w, campaign, 12.1)).toBe(
      "later than maxLateness: it could not send since 2026-11-27T09:00:00Z",
    );
    const brief = await w.broadcast({ states: { pending: 3 }, settings: { maxLateness: "1h" } });
    expect(await lateness(w, brief, 14)).toMatch(/^later than maxLateness/);
  });

  it("that has no run yet is no exception", async () => {
    const w = await s.world();
    const campaign = await makeCampaign(s.database, w.organization);
    expect(await lateness(w, campaign, 13)).toMatch(/^later than maxLateness/);
  });

  it("whose lane is halted for so long pauses too", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { pending: 3 } });
    s.at(minutesAfter(HOUR));
    const lane = await w.lane();
    await w.claim(1, lane);
    await haltSenders(s.database, lane, "190: token expired", false);
    expect(await lateness(w, campaign, 12.5)).toBe("running");
    expect(await lateness(w, campaign, 13.5)).toMatch(/could not send since 2026-11-27T10:00/);
  });

  it("is not late while a claim comes by, whatever its limits let through", async () => {
    const w = await s.world({ sender: { provider: "whatsapp-cloud" } });
    await w.rows(
      `with p as (insert into portfolios (organization_id, name, messaging_limit) values ($1, 'Klein', 1) returning id)
       update senders set portfolio_id = p.id from p where senders.organization_id = $1`,
      [w.organization.id],
    );
    const message = { type: "template", template: "black_friday", language: "nl" };
    const campaign = await w.broadcast({ states: { pending: 3 }, message });
    expect(await claim(w)).toHaveLength(1);
    for (const hours of [10, 20]) {
      s.at(minutesAfter(hours * HOUR));
      expect(await claim(w)).toHaveLength(0);
      expect(await lateness(w, campaign, hours + 10)).toBe("running");
    }
  });

  it("is not late for its messagesPerHour, a retry's time, or its canary", async () => {
    const w = await s.world();
    const settings = { maxLateness: "30m" };
    const slow = await w.broadcast({ states: { pending: 3 }, settings, perHour: 1 });
    const canary = await w.broadcast({
      states: { pending: 3 },
      settings: { ...settings, canary: { messages: 1, wait: "2h" } },
    });
    const waiting = await w.broadcast({ states: { sent: 1, waiting: 1 }, settings });
    await w.rows(
      "update bulk_message_jobs set next_attempt_at = adsapp_now() + interval '1 hour' where campaign_id = $1 and status = 'pending'",
      [waiting.id],
    );
    await claim(w, 10);
    for (const campaign of [slow, canary, waiting]) expect(await lateness(w, campaign, 1)).toBe("running");
    expect(await lateness(w, slow, 1.4)).toBe("running"); // one an hour: its next was due at 61 minutes
    expect(await lateness(w, slow, 1.6)).toMatch(/could not send since 2026-11-27T10:01/);
    expect(await lateness(w, waiting, 1.6)).toMatch(/could not send since 2026-11-27T10:00/);
    expect(await lateness(w, canary, 1.9)).toBe("running");
  });

  it("is not late while its organization is paused, and is looked at when that is over", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { pending: 3 } });
    await w.rows("update organizations set paused_at = adsapp_now() where id = $1", [w.organization.id]);
    expect(await lateness(w, campaign, 20)).toBe("running");
    await w.rows("update organizations set paused_at = null where id = $1", [w.organization.id]);
    expect(await lateness(w, campaign, 20)).toMatch(/^later than maxLateness/);
  });

  it("goes on when a person resumes it: their word ignores maxLateness", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { pending: 3 } });
    expect(await lateness(w, campaign, 13)).toMatch(/^later than maxLateness/);
    await s.database.transaction(operator(w.organization.profileId), (tx) =>
      resumeCampaign(tx, w.organization.id, campaign.id),
    );
    expect(await lateness(w, campaign, 13)).toBe("running");
    expect(await claim(w, 10)).toHaveLength(3);
  });

  it("with nothing left to send is not late", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { sent: 1, unknown: 1 } });
    expect(await lateness(w, campaign, 13)).toBe("running");
  });
});

describe("sendBefore", () => {
  it("skips whoever is left as expired, whether a claim came to them or not, and the campaign completes", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({
      states: { sent: 1, waiting: 2, pending: 100 },
      perHour: 30,
      sendBefore: minutesAfter(HOUR),
    });
    expect(await claim(w, 10)).toHaveLength(1);
    s.at(minutesAfter(HOUR - 1));
    expect(await wake(w)).toMatchObject({ expired: 0 });
    s.at(minutesAfter(HOUR + 1));
    expect(await wake(w)).toMatchObject({ expired: 101, paused: 0 });
    await w.rows("delete from lane_windows where organization_id = $1", [w.organization.id]);
    await w.rows(
      "update bulk_message_jobs set status = 'failed', failed_at = adsapp_now(), counted_on = current_date, lane_token = null where campaign_id = $1 and status = 'dispatching'",
      [campaign.id],
    );
    await completeCampaigns(s.database, w.organization.id);
    expect(await w.campaign(campaign)).toMatchObject({ status: "completed", messagesSkipped: 101 });
  });

  it("takes no halted sender, no canary and no lateness for a reason to keep them", async () => {
    const w = await s.world({ sender: { haltReason: "190: token expired" } });
    const campaign = await w.broadcast({
      states: { pending: 5 },
      settings: { canary: { messages: 2 }, maxLateness: "1h" },
      sendBefore: minutesAfter(HOUR),
    });
    s.at(minutesAfter(3 * HOUR));
    expect(await wake(w)).toMatchObject({ expired: 5, paused: 0 });
    await completeCampaigns(s.database, w.organization.id);
    expect(await w.campaign(campaign)).toMatchObject({ status: "completed" });
  });
});

describe("a campaign whose time has come while Meta does not send its template", () => {
  const message = { type: "template", template: "black_friday", language: "nl" };
  const recurring = { type: "recurring", cron: "0 11 * * *", timezone: "Europe/Amsterdam" };

  async function due(given: {
    provider?: "log" | "whatsapp-cloud";
    status: string;
    scheduling?: object;
    variant?: boolean;
  }) {
    const w = await s.world({ sender: { provider: given.provider ?? "whatsapp-cloud" } });
    await makeTemplate(s.database, w.organization, { status: given.status });
    const campaign = await makeCampaign(s.database, w.organization, {
      status: "scheduled",
      scheduledAt: minutesAfter(HOUR),
      message: given.variant ? { ...message, template: "another" } : message,
      ...(given.scheduling ? { scheduling: given.scheduling } : {}),
    });
    if (given.variant)
      await w.rows("update bulk_campaigns set variants = $2 where id = $1", [
        campaign.id,
        JSON.stringify([
          { name: "A", weight: 50, message: { type: "text", text: "Hoi" } },
          { name: "B", weight: 50, message },
        ]),
      ]);
    s.at(minutesAfter(HOUR + 1));
    return { w, campaign, woken: await wake(w) };
  }

  it.each([
    { status: "PAUSED" },
    { status: "REJECTED", scheduling: recurring },
    { status: "DELETED", variant: true },
    { status: "PENDING" },
  ])("pauses instead of starting, however that became known: %j", async (given) => {
    const { w, campaign, woken } = await due(given);
    expect(woken).toMatchObject({ started: 0, paused: 1 });
    expect(await w.campaign(campaign)).toMatchObject({
      status: "paused",
      pauseReason: `template "black_friday" (nl) is ${given.status}: Meta sends only APPROVED ones`,
      startedAt: null,
    });
    await w.rows("update message_templates set status = 'APPROVED' where organization_id = $1", [
      w.organization.id,
    ]);
    await s.database.transaction(operator(w.organization.profileId), (tx) =>
      resumeCampaign(tx, w.organization.id, campaign.id),
    );
    await wake(w);
    expect(await w.campaign(campaign)).toMatchObject({ status: "running", startedAt: expect.any(Date) });
  });

  it.each([{ status: "APPROVED" }, { status: "PAUSED", provider: "log" as const }])(
    "starts where it is sent after all: %j",
    async (given) => {
      const { w, campaign, woken } = await due(given);
      expect(woken).toMatchObject({ started: 1, paused: 0 });
      expect(await w.campaign(campaign)).toMatchObject({ status: "running" });
    },
  );
});
