import { describe, expect, it } from "vitest";
import type { RowOutcome } from "../../src/sending/outcomes.ts";
import { Recorder } from "../../src/sending/recorder.ts";
import {
  accepted,
  claimed,
  expectAround,
  messagesOf,
  outcome,
  record,
  rowOf,
  s,
  useDatabase,
  windowsOf,
} from "./record-setup.ts";
import { NOW } from "./setup.ts";

useDatabase();

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

  it("later: pending at its time, no attempt and no pair limit counted", async () => {
    const c = await claimed();
    expect(await record(c, [outcome("later", { afterSeconds: 60 })])).toEqual(["pending"]);
    expect(await rowOf(c)).toMatchObject({ status: "pending", attempts: 0, waits: 0 });
  });

  it("withheld: a day later, once, whatever other waits there were", async () => {
    const c = await claimed();
    await c.w.rows("update bulk_message_jobs set waits = 3 where id = $1", [c.jobs[0]?.id]);
    expect(await record(c, [outcome("withheld", { afterSeconds: 86_400 })])).toEqual(["pending"]);
    const row = await rowOf(c);
    expect(row).toMatchObject({ status: "pending", attempts: 0, waits: 3, withheldAt: expect.any(Date) });
    expectAround(row.nextAttemptAt, 86_400);
    await c.w.rows("update bulk_message_jobs set next_attempt_at = adsapp_now() where id = $1", [
      c.jobs[0]?.id,
    ]);
    await c.w.expireLeases();
    const again = await c.w.claim();
    expect(await record({ ...c, ...again, windowId: again.id }, [outcome("withheld")])).toEqual(["failed"]);
    expect(await rowOf(c)).toMatchObject({ status: "failed", attempts: 1, nextAttemptAt: null });
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
