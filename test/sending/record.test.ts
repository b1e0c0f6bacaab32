import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Row } from "../../src/db/database.ts";
import type { Lane } from "../../src/sending/lane.ts";
import type { Outcome, RowOutcome } from "../../src/sending/outcomes.ts";
import { Recorder } from "../../src/sending/recorder.ts";
import { rescueWindows } from "../../src/sending/rescue.ts";
import { minutesAfter, NOW, type Setup, setup, type World } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

interface Claimed {
  w: World;
  lane: Lane;
  windowId: string;
  jobs: { id: string; attempts: number }[];
  campaign: { id: string };
}

async function claimed(pending = 1, settings: object = {}): Promise<Claimed> {
  const w = await s.world();
  const campaign = await w.broadcast({ states: { pending }, settings });
  const { id, jobs, lane } = await w.claim();
  return { w, lane, windowId: id, jobs, campaign };
}

const outcome = (row: RowOutcome, given: Partial<Outcome> = {}): Outcome => ({
  row,
  afterSeconds: 0,
  errorCode: row === "sent" || row === "handback" ? null : "131000",
  error: row === "sent" || row === "handback" ? null : "Something went wrong",
  providerMessageId: null,
  ...given,
});

let wamids = 0;
const accepted = () => outcome("sent", { providerMessageId: `wamid.${++wamids}` });

/** Records one outcome a job, and tells what the recorder heard of the rows. */
async function record(
  c: Claimed,
  outcomes: Outcome[],
  given: { attempt?: number; at?: Date; lane?: Lane } = {},
) {
  const heard: (string | undefined)[] = [];
  const recorder = new Recorder(s.database, given.lane ?? c.lane, (_, status) => heard.push(status));
  recorder.open(c.windowId, c.jobs.length);
  for (const [n, each] of outcomes.entries()) {
    const job = c.jobs[n] as Claimed["jobs"][number];
    const { attempt = job.attempts, at = minutesAfter(0.01) } = given;
    recorder.add({
      kind: "b",
      jobId: job.id,
      windowId: c.windowId,
      attempt,
      outcome: each,
      at,
      type: "text",
      body: "Hoi",
    });
  }
  await recorder.drain();
  return heard;
}

const windowsOf = (w: World) =>
  w.rows("select id from lane_windows where organization_id = $1", [w.organization.id]);
const rowOf = (c: Claimed): Promise<Row> => c.w.job(c.jobs[0] as { id: string });
const messagesOf = (c: Claimed) =>
  c.w.rows("select * from messages where organization_id = $1", [c.w.organization.id]);
const secondsFromNow = (time: unknown) => Math.round(((time as Date).getTime() - NOW.getTime()) / 1000);
/** The tests take a moment. */
const expectAround = (time: unknown, seconds: number) => {
  expect(secondsFromNow(time)).toBeGreaterThanOrEqual(seconds);
  expect(secondsFromNow(time)).toBeLessThan(seconds + 30);
};

describe("an outcome becomes a row", () => {
  it("sent: with its message, counted on the organization's day", async () => {
    const c = await claimed();
    const at = new Date("2026-11-27T23:30:00Z"); // half past midnight in Amsterdam
    expect(await record(c, [accepted()], { at })).toEqual(["sent"]);
    const [message] = await messagesOf(c);
    expect(message).toMatchObject({
      status: "sent",
      attempt: 1,
      type: "text",
      body: "Hoi",
      sentAt: at,
      senderId: c.w.sender.id,
    });
    expect(await rowOf(c)).toMatchObject({
      status: "sent",
      attempts: 1,
      messageId: message?.id,
      sentAt: at,
      countedOn: "2026-11-28",
      laneToken: null,
    });
    expect(await c.w.campaign(c.campaign)).toMatchObject({ messagesSent: 1, messagesFailed: 0 });
  });

  it("retry: pending again at its time, until the attempts are used up", async () => {
    const c = await claimed();
    expect(await record(c, [outcome("retry", { afterSeconds: 60 })])).toEqual(["pending"]);
    const row = await rowOf(c);
    expect(row).toMatchObject({
      status: "pending",
      attempts: 1,
      waits: 0,
      errorCode: "131000",
      failedAt: null,
      countedOn: null,
      laneToken: null,
    });
    expectAround(row.nextAttemptAt, 60);
    const last = await claimed(1);
    await last.w.rows("update bulk_message_jobs set max_attempts = 1 where id = $1", [last.jobs[0]?.id]);
    expect(await record(last, [outcome("retry", { afterSeconds: 60 })])).toEqual(["failed"]);
    expect(await rowOf(last)).toMatchObject({
      status: "failed",
      nextAttemptAt: null,
      countedOn: "2026-11-27",
      failedAt: expect.any(Date),
    });
    expect(await last.w.campaign(last.campaign)).toMatchObject({ messagesSent: 0, messagesFailed: 1 });
  });

  it("wait: pending at its time, no attempt counted, and the deferral is", async () => {
    const c = await claimed();
    expect(await record(c, [outcome("wait", { afterSeconds: 4 })])).toEqual(["pending"]);
    const row = await rowOf(c);
    expect(row).toMatchObject({ status: "pending", attempts: 0, waits: 1 });
    expectAround(row.nextAttemptAt, 4);
    const halted = await claimed();
    await record(halted, [outcome("wait")]);
    expect(await rowOf(halted)).toMatchObject({ status: "pending", attempts: 0, waits: 0 });
  });

  it("handback: pending as if it had never been claimed", async () => {
    const c = await claimed();
    expect(await record(c, [outcome("handback")])).toEqual(["pending"]);
    const row = await rowOf(c);
    expect(row).toMatchObject({ status: "pending", attempts: 0, waits: 0, errorCode: null, error: null });
    expectAround(row.nextAttemptAt, 0);
  });

  it.each(["failed", "opted_out", "undeliverable"] as const)(
    "%s: failed with code and reason",
    async (word) => {
      const c = await claimed();
      expect(await record(c, [outcome(word)])).toEqual(["failed"]);
      expect(await rowOf(c)).toMatchObject({
        status: "failed",
        attempts: 1,
        errorCode: "131000",
        error: "Something went wrong",
        failedAt: expect.any(Date),
        countedOn: "2026-11-27",
      });
      const [contact] = await c.w.rows("select * from contacts where organization_id = $1", [
        c.w.organization.id,
      ]);
      expect(contact?.optedOutAt === null).toBe(word !== "opted_out");
      expect(contact?.optOutSource).toBe(word === "opted_out" ? "provider: 131000" : null);
      expect(contact?.undeliverableAt === null).toBe(word !== "undeliverable");
    },
  );

  it("skip: skipped with its reason, no attempt counted", async () => {
    const c = await claimed();
    const missing = outcome("skip", {
      errorCode: "missing_variable",
      error: "the contact has no first_name",
    });
    expect(await record(c, [missing])).toEqual(["skipped"]);
    expect(await rowOf(c)).toMatchObject({
      status: "skipped",
      attempts: 0,
      skipReason: "missing_variable",
      error: "the contact has no first_name",
    });
    expect(await c.w.campaign(c.campaign)).toMatchObject({ messagesSkipped: 1 });
  });

  it("unknown: neither sent nor not", async () => {
    const c = await claimed();
    expect(await record(c, [outcome("unknown")])).toEqual(["unknown"]);
    expect(await rowOf(c)).toMatchObject({
      status: "unknown",
      attempts: 1,
      unknownSince: expect.any(Date),
      sentAt: null,
      countedOn: null,
    });
  });
});

describe("facts are never fenced: a message that was accepted is written", () => {
  const lost = "11111111-1111-4111-8111-111111111111";

  it("by a worker that lost its lane", async () => {
    const c = await claimed();
    await c.w.rows("update senders set lane_token = $2 where id = $1", [c.w.sender.id, lost]);
    await record(c, [accepted()]);
    expect(await rowOf(c)).toMatchObject({ status: "sent", attempts: 1 });
  });

  it("after rescue made it unknown", async () => {
    const c = await claimed();
    await c.w.expireLeases();
    expect(await rescueWindows(s.database, c.w.organization.id)).toBe(1);
    await record(c, [accepted()]);
    expect(await rowOf(c)).toMatchObject({
      status: "sent",
      unknownSince: null,
      errorCode: null,
      attempts: 1,
    });
  });

  it.each([
    ["it was cancelled", "status = 'cancelled', lane_token = null"],
    ["it went back to pending", "status = 'pending', lane_token = null, next_attempt_at = adsapp_now()"],
    ["it was skipped", "status = 'skipped', lane_token = null, skip_reason = 'expired'"],
  ])("after %s", async (_why, change) => {
    const c = await claimed();
    await c.w.rows(`update bulk_message_jobs set ${change} where id = $1`, [c.jobs[0]?.id]);
    await record(c, [accepted()]);
    expect(await rowOf(c)).toMatchObject({
      status: "sent",
      nextAttemptAt: null,
      skipReason: null,
      sentAt: expect.any(Date),
    });
    expect(await c.w.campaign(c.campaign)).toMatchObject({ messagesSent: 1, messagesSkipped: 0 });
  });

  it("of an earlier attempt, beside the later one that is in the air", async () => {
    const c = await claimed();
    const laneToken = await dispatchAgain(c);
    await record(c, [accepted()], { attempt: 1 });
    expect(await rowOf(c)).toMatchObject({
      status: "dispatching",
      attempts: 2,
      laneToken,
      sentAt: expect.any(Date),
    });
    expect(await c.w.campaign(c.campaign)).toMatchObject({ messagesSent: 1 });
    await record(c, [outcome("handback")], { attempt: 2 });
  });

  it("of an earlier attempt, after a later one failed: the person has it", async () => {
    const c = await claimed();
    await dispatchAgain(c);
    await record(c, [outcome("failed")], { attempt: 2 });
    expect(await rowOf(c)).toMatchObject({ status: "failed", countedOn: "2026-11-27" });
    await record(c, [accepted()], { attempt: 1, at: new Date("2026-11-26T12:00:00Z") });
    expect(await rowOf(c)).toMatchObject({
      status: "sent",
      attempts: 2,
      errorCode: null,
      countedOn: "2026-11-26",
    });
    expect(await c.w.campaign(c.campaign)).toMatchObject({ messagesSent: 1, messagesFailed: 0 });
  });

  it("and its failure, which a webhook told first, stands", async () => {
    const c = await claimed();
    const answer = accepted();
    await webhookFirst(c, answer.providerMessageId as string, "failed");
    await record(c, [answer]);
    expect(await rowOf(c)).toMatchObject({ status: "failed", sentAt: expect.any(Date) });
    expect(await c.w.campaign(c.campaign)).toMatchObject({ messagesSent: 1, messagesFailed: 1 });
  });

  it("once, when its webhook was faster", async () => {
    const c = await claimed();
    const answer = accepted();
    await webhookFirst(c, answer.providerMessageId as string, "delivered");
    await record(c, [answer]);
    expect(await messagesOf(c)).toMatchObject([{ status: "delivered", type: "text", body: "Hoi" }]);
    expect(await rowOf(c)).toMatchObject({ status: "delivered", attempts: 1 });
    expect(await c.w.campaign(c.campaign)).toMatchObject({ messagesSent: 1, messagesDelivered: 1 });
  });
});

/** The first attempt's outcome stayed out; the job was dispatched again under the same lane. */
async function dispatchAgain(c: Claimed): Promise<string> {
  await c.w.rows("update bulk_message_jobs set attempts = 2, dispatched_at = adsapp_now() where id = $1", [
    c.jobs[0]?.id,
  ]);
  return c.lane.laneToken;
}

const webhookFirst = (c: Claimed, wamid: string, status: string) =>
  c.w.rows(
    `insert into messages (organization_id, direction, contact_id, sender_id, bulk_message_job_id, attempt, type, provider_message_id, status, sent_at, webhook_at)
     select organization_id, 'outbound', contact_id, $2, id, 1, 'unknown', $3, $4, adsapp_now(), adsapp_now() from bulk_message_jobs where id = $1`,
    [c.jobs[0]?.id, c.w.sender.id, wamid, status],
  );

describe("decisions are fenced", () => {
  const decisions: RowOutcome[] = [
    "retry",
    "wait",
    "failed",
    "opted_out",
    "undeliverable",
    "unknown",
    "handback",
    "skip",
  ];

  it.each(decisions)("%s of a worker whose token the row no longer carries changes nothing", async (word) => {
    const c = await claimed();
    const before = await rowOf(c);
    const stale = { ...c.lane, laneToken: "11111111-1111-4111-8111-111111111111" };
    expect(await record(c, [outcome(word)], { lane: stale })).toEqual([undefined]);
    expect(await record(c, [outcome(word)], { attempt: 2 })).toEqual([undefined]);
    expect(await rowOf(c)).toEqual(before);
    await c.w.rows("update bulk_message_jobs set status = 'cancelled', lane_token = null where id = $1", [
      c.jobs[0]?.id,
    ]);
  });

  it.each(decisions)("%s after rescue changes nothing: unknown stays unknown", async (word) => {
    const c = await claimed();
    await c.w.expireLeases();
    await rescueWindows(s.database, c.w.organization.id);
    const before = await rowOf(c);
    expect(await record(c, [outcome(word)])).toEqual([undefined]);
    expect(await rowOf(c)).toEqual(before);
  });

  it.each(decisions)(
    "%s does not undo that an earlier attempt was accepted after all: no third one follows",
    async (word) => {
      const c = await claimed();
      await dispatchAgain(c);
      await record(c, [accepted()], { attempt: 1 });
      expect(await record(c, [outcome(word, { afterSeconds: 60 })], { attempt: 2 })).toEqual(["sent"]);
      expect(await rowOf(c)).toMatchObject({
        status: "sent",
        nextAttemptAt: null,
        unknownSince: null,
        skipReason: null,
      });
      expect(await c.w.campaign(c.campaign)).toMatchObject({
        messagesSent: 1,
        messagesFailed: 0,
        messagesSkipped: 0,
      });
    },
  );
});

describe("a window's row", () => {
  it("goes with the last of its jobs, not before", async () => {
    const c = await claimed(3);
    const recorder = new Recorder(s.database, c.lane, () => {});
    recorder.open(c.windowId, 3);
    for (const [n, job] of c.jobs.entries()) {
      recorder.add({
        kind: "b",
        jobId: job.id,
        windowId: c.windowId,
        attempt: 1,
        outcome: accepted(),
        at: NOW,
        type: "text",
        body: null,
      });
      await recorder.drain();
      expect(await windowsOf(c.w)).toHaveLength(n < 2 ? 1 : 0);
    }
    expect(await c.w.campaign(c.campaign)).toMatchObject({ messagesSent: 3 });
  });

  it("goes with all of them in one batch, with many outcomes at once", async () => {
    const c = await claimed(8);
    const words: RowOutcome[] = [
      "sent",
      "retry",
      "wait",
      "failed",
      "opted_out",
      "undeliverable",
      "unknown",
      "handback",
    ];
    await record(
      c,
      words.map((word) => (word === "sent" ? accepted() : outcome(word))),
    );
    expect(await windowsOf(c.w)).toEqual([]);
    const statuses = new Map((await c.w.jobs(c.campaign)).map(({ id, status }) => [id, status]));
    expect(c.jobs.map(({ id }) => statuses.get(id))).toEqual([
      "sent",
      "pending",
      "pending",
      "failed",
      "failed",
      "failed",
      "unknown",
      "pending",
    ]);
    expect(await c.w.campaign(c.campaign)).toMatchObject({ messagesSent: 1, messagesFailed: 3 });
  });
});
