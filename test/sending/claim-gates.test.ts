import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeContacts } from "../support/factories.ts";
import { minutesAfter, NOW, type Setup, setup, type World } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

const CLOUD = { provider: "whatsapp-cloud" } as const;
const DAY = 24 * 60;

function only<T>([one]: readonly T[]): T {
  return one as T;
}

/** What the claim makes of one contact's message. */
async function verdictOn(w: World, contact: object, given: Parameters<World["broadcast"]>[0] = {}) {
  const who = only(await w.contacts(1, contact));
  const campaign = await w.broadcast({ contacts: [who], ...given });
  return claimedRow(w, campaign);
}

async function claimedRow(w: World, campaign: Awaited<ReturnType<World["broadcast"]>>) {
  const { jobs, skipped, deferred } = await w.claim();
  const { status, skipReason, attempts, nextAttemptAt } = await w.job(campaign.jobs[0] as { id: string });
  return { claimed: jobs.length, skipped, deferred, status, skipReason, attempts, nextAttemptAt };
}

const SENT = { claimed: 1, skipped: 0, status: "dispatching", skipReason: null, attempts: 1 };
const skippedAs = (skipReason: string) => ({
  claimed: 0,
  skipped: 1,
  status: "skipped",
  skipReason,
  attempts: 0,
});

describe("a claim skips", () => {
  it("people who opted out, for marketing only", async () => {
    const optedOut = { optedOutAt: minutesAfter(-1) };
    expect(await verdictOn(await s.world(), optedOut)).toMatchObject(skippedAs("opted_out"));
    expect(await verdictOn(await s.world(), optedOut, { type: "survey" })).toMatchObject(
      skippedAs("opted_out"),
    );
    expect(await verdictOn(await s.world(), optedOut, { type: "transactional" })).toMatchObject(SENT);
    expect(await verdictOn(await s.world(), optedOut, { type: "notification" })).toMatchObject(SENT);
  });

  it("blocked people, whatever the message", async () => {
    for (const type of ["promotional", "transactional"] as const)
      expect(await verdictOn(await s.world(), { blockedAt: minutesAfter(-1) }, { type })).toMatchObject(
        skippedAs("blocked"),
      );
  });

  it("erased people, whatever the message", async () => {
    for (const type of ["promotional", "transactional"] as const) {
      const w = await s.world();
      const campaign = await w.broadcast({ type, states: { pending: 1 } });
      await w.rows("update contacts set erased_at = adsapp_now(), phone = null where organization_id = $1", [
        w.organization.id,
      ]);
      expect(await claimedRow(w, campaign)).toMatchObject(skippedAs("erased"));
    }
  });

  it("people without an address, and nobody who has a user id instead of a phone", async () => {
    const [gate] = await s.rows(
      "select adsapp_contact_gate(c, false, false) as reason from jsonb_populate_record(null::contacts, '{}') c",
    );
    expect(gate).toEqual({ reason: "no_address" });
    const w = await s.world();
    const campaign = await w.broadcast({ states: { pending: 1 } });
    await w.rows("update contacts set phone = null, bsuid = 'NL.123' where organization_id = $1", [
      w.organization.id,
    ]);
    const { jobs } = await w.claim();
    expect(jobs).toMatchObject([{ id: campaign.jobs[0]?.id, phone: null, bsuid: "NL.123" }]);
  });

  it("people without an opt-in, where marketing asks for one", async () => {
    const settings = { requireOptIn: true };
    expect(await verdictOn(await s.world(), {}, { settings })).toMatchObject(skippedAs("no_opt_in"));
    expect(await verdictOn(await s.world(), {}, { settings, type: "transactional" })).toMatchObject(SENT);
    const optedIn = { optedInAt: minutesAfter(-1) };
    expect(await verdictOn(await s.world(), optedIn, { settings })).toMatchObject(SENT);
  });

  it("people outside the service window, for a text of Meta's senders", async () => {
    const outside = { lastInboundAt: minutesAfter(-DAY) };
    const inside = { lastInboundAt: minutesAfter(-DAY + 5) };
    const reason = skippedAs("outside_service_window");
    expect(await verdictOn(await s.world({ sender: CLOUD }), outside)).toMatchObject(reason);
    expect(await verdictOn(await s.world({ sender: CLOUD }), {})).toMatchObject(reason);
    expect(await verdictOn(await s.world({ sender: CLOUD }), inside)).toMatchObject(SENT);
  });

  it("nobody for the service window with a template, or with a log sender", async () => {
    const message = { type: "template", template: "black_friday", language: "nl" };
    expect(await verdictOn(await s.world({ sender: CLOUD }), {}, { message })).toMatchObject(SENT);
    expect(await verdictOn(await s.world(), {})).toMatchObject(SENT);
  });

  it("whoever was not sent anything by sendBefore", async () => {
    const w = await s.world();
    expect(await verdictOn(w, {}, { sendBefore: NOW })).toMatchObject(skippedAs("expired"));
    expect(await verdictOn(await s.world(), {}, { sendBefore: minutesAfter(5) })).toMatchObject(SENT);
  });

  it("whoever opted out after the campaign started and before the claim", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { pending: 2 } });
    await w.rows("update contacts set opted_out_at = adsapp_now(), opt_out_source = 'reply' where id = $1", [
      campaign.jobs[0]?.contactId,
    ]);
    const { jobs, skipped } = await w.claim();
    expect(jobs.map((job) => job.id)).toEqual([campaign.jobs[1]?.id]);
    expect(skipped).toBe(1);
  });

  it("a retry too: gates hold at each attempt", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { waiting: 1 } });
    await w.rows("update bulk_message_jobs set next_attempt_at = adsapp_now() where campaign_id = $1", [
      campaign.id,
    ]);
    await w.rows("update contacts set blocked_at = adsapp_now() where organization_id = $1", [
      w.organization.id,
    ]);
    expect(await claimedRow(w, campaign)).toMatchObject({
      status: "skipped",
      skipReason: "blocked",
      nextAttemptAt: null,
    });
  });
});

describe("a claim gives a later time", () => {
  const at = (time: string) => ({
    claimed: 0,
    deferred: 1,
    status: "pending",
    attempts: 0,
    nextAttemptAt: new Date(time),
  });

  it("in the contact's quiet hours, by the contact's own clock, else the organization's", async () => {
    const settings = { quietHours: ["22:00", "10:30"] }; // 10:00 in Amsterdam, 09:00 in Lisbon, 18:00 in Tokyo
    expect(await verdictOn(await s.world(), {}, { settings })).toMatchObject(at("2026-11-27T09:30:00Z"));
    expect(await verdictOn(await s.world(), { timezone: "Europe/Lisbon" }, { settings })).toMatchObject(
      at("2026-11-27T10:30:00Z"),
    );
    expect(await verdictOn(await s.world(), { timezone: "Asia/Tokyo" }, { settings })).toMatchObject(SENT);
  });

  it("outside the organization's business hours, in the contact's own timezone", async () => {
    const settings = { respectBusinessHours: true };
    const businessHours = { fri: [["11:00", "17:00"]], mon: [["09:00", "17:00"]] };
    expect(await verdictOn(await s.world({ businessHours }), {}, { settings })).toMatchObject(
      at("2026-11-27T10:00:00Z"),
    );
    expect(
      await verdictOn(await s.world({ businessHours }), { timezone: "Asia/Tokyo" }, { settings }),
    ).toMatchObject(at("2026-11-30T00:00:00Z"));
    expect(await verdictOn(await s.world(), {}, { settings })).toMatchObject(SENT);
  });

  it("that is open and not quiet, when both bind", async () => {
    const businessHours = { fri: [["11:00", "12:00"]], sat: [["13:00", "14:00"]] };
    const settings = { respectBusinessHours: true, quietHours: ["10:00", "12:30"] };
    expect(await verdictOn(await s.world({ businessHours }), {}, { settings })).toMatchObject(
      at("2026-11-28T12:00:00Z"),
    );
  });

  it("and claims it then", async () => {
    const w = await s.world();
    const settings = { quietHours: ["09:00", "10:30"] };
    expect(await verdictOn(w, {}, { settings })).toMatchObject({ deferred: 1 });
    expect(await w.lanes()).toEqual([]);
    s.at(minutesAfter(31));
    await w.expireLeases();
    expect((await w.claim()).jobs).toHaveLength(1);
    s.at(NOW);
  });

  it("to look again, where no hour is both open and loud", async () => {
    const businessHours = { fri: [["11:00", "12:00"]] };
    const settings = { respectBusinessHours: true, quietHours: ["00:00", "23:59"] };
    const { claimed, nextAttemptAt } = await verdictOn(await s.world({ businessHours }), {}, { settings });
    expect({ claimed, nextAttemptAt }).toEqual({
      claimed: 0,
      nextAttemptAt: new Date("2026-12-04T10:00:00Z"),
    });
  });
});

describe("a claim takes nothing and leaves the rows as they are", () => {
  it.each([
    [
      "its campaign is paused",
      "update bulk_campaigns set status = 'paused', pause_reason = 'x' where organization_id = $1",
    ],
    [
      "its campaign is cancelled",
      "update bulk_campaigns set status = 'cancelled', cancelled_at = adsapp_now() where organization_id = $1",
    ],
    ["its organization is paused", "update organizations set paused_at = adsapp_now() where id = $1"],
    [
      "its lane is halted",
      "update senders set state = 'halted', halt_reason = 'x' where organization_id = $1",
    ],
    [
      "its lane is another's now",
      "update senders set lane_token = gen_random_uuid() where organization_id = $1",
    ],
    [
      "its lane was released",
      "update senders set lane_token = null, lane_expires_at = null where organization_id = $1",
    ],
    [
      "its lease ran out",
      "update senders set lane_expires_at = clock_timestamp() where organization_id = $1",
    ],
  ])("when %s", async (_why, change) => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { waiting: 1, pending: 2 } });
    await w.rows(
      "update bulk_message_jobs set next_attempt_at = adsapp_now() where campaign_id = $1 and next_attempt_at is not null",
      [campaign.id],
    );
    const lane = await w.lane();
    const before = [await w.jobs(campaign), await w.run(campaign)];
    await w.rows(change, [w.organization.id]);
    expect(await w.claim(500, lane)).toMatchObject({ jobs: [], skipped: 0, deferred: 0 });
    expect([await w.jobs(campaign), await w.run(campaign)]).toEqual(before);
    if (campaign.jobs.length > 0)
      await w.rows(
        "update bulk_message_jobs set status = 'cancelled', next_attempt_at = null where campaign_id = $1",
        [campaign.id],
      );
  });

  it("of another organization's campaigns", async () => {
    const [mine, theirs] = [await s.world(), await s.world()];
    await mine.broadcast({ states: { pending: 1 } });
    const campaign = await theirs.broadcast({ states: { pending: 1 } });
    expect((await mine.claim()).jobs).toHaveLength(1);
    expect(await theirs.jobs(campaign)).toMatchObject([{ status: "pending", attempts: 0 }]);
  });

  it("that other senders of the organization have to do", async () => {
    const w = await s.world();
    const who = only(await makeContacts(s.database, w.organization, 1));
    const campaign = await w.broadcast({ contacts: [who] });
    const lane = await w.lane();
    await w.rows("insert into senders (organization_id, name, provider) values ($1, 'second', 'log')", [
      w.organization.id,
    ]);
    await w.rows(
      "update bulk_campaigns set sender_id = (select id from senders where organization_id = $2 and name = 'second') where id = $1",
      [campaign.id, w.organization.id],
    );
    expect((await w.claim(500, lane)).jobs).toEqual([]);
  });
});
