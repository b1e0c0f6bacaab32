import { describe, expect, it } from "vitest";
import type { RowOutcome } from "../../src/sending/outcomes.ts";
import { rescueWindows } from "../../src/sending/rescue.ts";
import {
  accepted,
  claimed,
  dispatchAgain,
  messagesOf,
  outcome,
  record,
  rowOf,
  s,
  useDatabase,
  webhookFirst,
} from "./record-setup.ts";

useDatabase();

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
