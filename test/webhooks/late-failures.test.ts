import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { completeCampaigns } from "../../src/sending/rescue.ts";
import type { TestJob } from "../support/factories.ts";
import { bodyOf, type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

const wamidOf = (job: TestJob) => `wamid.${job.messageId}`;
const failing = (job: TestJob, code: number, more: object = {}) =>
  bodyOf([{ id: wamidOf(job), status: "failed", job, code, ...more }]);
const campaignOf = (job: TestJob) =>
  s.row("select c.* from bulk_campaigns c join bulk_message_jobs j on j.campaign_id = c.id where j.id = $1", [
    job.id,
  ]);
const secondsUntil = async (time: unknown) => {
  const { now } = await s.row<{ now: Date }>("select adsapp_now() as now");
  return ((time as Date).getTime() - now.getTime()) / 1000;
};
const expectIn = async (time: unknown, seconds: number) => {
  expect(await secondsUntil(time)).toBeGreaterThan(seconds - 30);
  expect(await secondsUntil(time)).toBeLessThanOrEqual(seconds);
};
const aSent = async () => (await s.jobs({ sent: 1 }))[0] as TestJob;

describe("a broadcast's message that failed after it was accepted", () => {
  it("is tried again after the wait of its attempt, stays sent in the counters, and has not failed yet", async () => {
    const job = await aSent();
    await s.apply(failing(job, 131000));
    const row = await s.job(job);
    expect(row).toMatchObject({
      status: "pending",
      attempts: 1,
      maxAttempts: 3,
      errorCode: "131000",
      sentAt: expect.any(Date),
      failedAt: null,
    });
    await expectIn(row.nextAttemptAt, 60);
    expect(await s.counters(job)).toMatchObject({ messagesSent: 1, messagesFailed: 0 });
    expect(await s.message(wamidOf(job))).toMatchObject({ status: "failed" });
  });

  it("is tried again once, however often the webhook comes", async () => {
    const job = await aSent();
    await s.apply(failing(job, 131000));
    const before = await s.job(job);
    await s.apply(failing(job, 131000), failing(job, 131000, { pricing: { billable: true } }));
    expect(await s.job(job)).toEqual(before);
    await s.rows("update bulk_message_jobs set status = 'cancelled', next_attempt_at = null where id = $1", [
      job.id,
    ]);
  });

  it("has failed when no attempt is left", async () => {
    const job = await aSent();
    await s.rows("update bulk_message_jobs set max_attempts = 1 where id = $1", [job.id]);
    await s.apply(failing(job, 131000));
    expect(await s.job(job)).toMatchObject({ status: "failed", attempts: 1, nextAttemptAt: null });
    expect(await s.counters(job)).toMatchObject({ messagesSent: 1, messagesFailed: 1 });
  });

  it("is not tried again once it was delivered after all, whichever comes first", async () => {
    for (const words of [
      ["failed", "delivered"],
      ["delivered", "failed"],
    ]) {
      const job = await aSent();
      for (const status of words)
        await s.apply(
          bodyOf([{ id: wamidOf(job), status, job, ...(status === "failed" ? { code: 131000 } : {}) }]),
        );
      expect(await s.job(job)).toMatchObject({
        status: "delivered",
        nextAttemptAt: null,
        failedAt: null,
        errorCode: null,
      });
      expect(await s.counters(job)).toMatchObject({
        messagesSent: 1,
        messagesDelivered: 1,
        messagesFailed: 0,
      });
    }
  });

  it("is tried again although its failure was told before its own answer was recorded", async () => {
    const [job] = (await s.jobs({ dispatching: 1 })) as [TestJob];
    const wamid = `wamid.${job.id}`;
    await s.apply(bodyOf([{ id: wamid, status: "failed", job, code: 131000 }]));
    expect(await s.job(job)).toMatchObject({ status: "pending", attempts: 1 });
    await s.accepted(job, wamid);
    expect(await s.job(job)).toMatchObject({
      status: "pending",
      attempts: 1,
      nextAttemptAt: expect.any(Date),
      sentAt: expect.any(Date),
      errorCode: "131000",
    });
    expect(await s.counters(job)).toMatchObject({ messagesSent: 1, messagesFailed: 0 });
  });

  it("waits a day when Meta withheld it, once, whatever attempts there are", async () => {
    const job = await aSent();
    await s.rows("update bulk_message_jobs set max_attempts = 1, waits = 4 where id = $1", [job.id]);
    await s.apply(failing(job, 131049));
    const row = await s.job(job);
    expect(row).toMatchObject({ status: "pending", withheldAt: expect.any(Date), maxAttempts: 2 });
    await expectIn(row.nextAttemptAt, 86_400);
    await s.rows(
      `with j as (update bulk_message_jobs set status = 'sent', attempts = 2, next_attempt_at = null where id = $1 returning *)
       insert into messages (organization_id, direction, contact_id, sender_id, bulk_message_job_id, attempt, type, provider_message_id, status, sent_at)
       select organization_id, 'outbound', contact_id, $2, id, 2, 'text', 'wamid.again', 'sent', adsapp_now() from j`,
      [job.id, s.sender.id],
    );
    await s.rows(
      "update bulk_message_jobs set message_id = (select id from messages where provider_message_id = 'wamid.again') where id = $1",
      [job.id],
    );
    await s.apply(bodyOf([{ id: "wamid.again", status: "failed", job, attempt: 2, code: 131049 }]));
    expect(await s.job(job)).toMatchObject({ status: "failed", attempts: 2, maxAttempts: 2 });
    expect(await s.counters(job)).toMatchObject({ messagesSent: 1, messagesFailed: 1 });
  });

  it.each([131026, 131047, 132000])("has failed for good with %i", async (code) => {
    const job = await aSent();
    await s.apply(failing(job, code));
    expect(await s.job(job)).toMatchObject({ status: "failed", errorCode: String(code) });
    expect((await s.contact(job)).undeliverableAt === null).toBe(code !== 131026);
  });

  it("has failed for good when its campaign is completed", async () => {
    const job = await aSent();
    await completeCampaigns(s.database, s.organization.id);
    expect(await campaignOf(job)).toMatchObject({ status: "completed" });
    await s.apply(failing(job, 131000));
    expect(await s.job(job)).toMatchObject({ status: "failed" });
    expect(await campaignOf(job)).toMatchObject({ status: "completed", messagesFailed: 1 });
  });

  it("opts its person out with 131050", async () => {
    const job = await aSent();
    await s.apply(failing(job, 131050));
    expect(await s.job(job)).toMatchObject({ status: "failed" });
    expect(await s.contact(job)).toMatchObject({ optedOutAt: expect.any(Date) });
  });
});

describe("what a late failure means beside its message", () => {
  it("pauses the campaign for its template, and no attempt is lost", async () => {
    const job = await aSent();
    await s.rows("update bulk_message_jobs set max_attempts = 1 where id = $1", [job.id]);
    await s.apply(failing(job, 132015));
    expect(await s.job(job)).toMatchObject({ status: "pending", attempts: 1, maxAttempts: 2 });
    expect(await campaignOf(job)).toMatchObject({
      status: "paused",
      pauseReason: "132015: Details of 132015",
    });
  });

  it("pauses the campaign at the fifth message in a row that was wrong of us", async () => {
    const jobs = await s.jobs({ sent: 5 });
    for (const job of jobs.slice(0, 4)) await s.apply(failing(job, 131053));
    expect(await campaignOf(jobs[0] as TestJob)).toMatchObject({ status: "running" });
    await s.apply(failing(jobs[4] as TestJob, 131053));
    expect(await campaignOf(jobs[0] as TestJob)).toMatchObject({
      status: "paused",
      pauseReason: expect.stringContaining("131053"),
      messagesFailed: 5,
    });
  });

  it("skips the rest of a country that may not be messaged, and nobody else's", async () => {
    const [job, ...rest] = (await s.jobs({ sent: 1, pending: 3 })) as [TestJob, ...TestJob[]];
    await s.rows("update contacts set phone = '+4915112345678' where id = $1", [rest[2]?.contactId]);
    await s.apply(failing(job, 130497));
    expect(await s.job(job)).toMatchObject({ status: "failed", errorCode: "130497" });
    for (const each of rest.slice(0, 2))
      expect(await s.job(each)).toMatchObject({ status: "skipped", skipReason: "country_not_allowed" });
    expect(await s.job(rest[2] as TestJob)).toMatchObject({ status: "pending" });
    expect(await campaignOf(job)).toMatchObject({ messagesSkipped: 2, messagesFailed: 1 });
  });

  it("halts the account that is not paid for; the same webhook once more, after a person has mended it, does not", async () => {
    const job = await aSent();
    const halted = () => s.row("select state, halt_reason from senders where id = $1", [s.sender.id]);
    await s.apply(failing(job, 131042));
    expect(await halted()).toEqual({ state: "halted", haltReason: "131042: Details of 131042" });
    expect(await s.job(job)).toMatchObject({ status: "pending" });
    await s.rows("update senders set state = 'active', halt_reason = null, halted_at = null where id = $1", [
      s.sender.id,
    ]);
    await s.apply(failing(job, 131042));
    expect(await halted()).toMatchObject({ state: "active" });
  });

  it("slows the number down", async () => {
    const job = await aSent();
    await s.apply(failing(job, 130429));
    expect(await s.row("select state, rate_factor from senders where id = $1", [s.sender.id])).toEqual({
      state: "slowed",
      rateFactor: 0.5,
    });
    expect(await s.job(job)).toMatchObject({ status: "pending", attempts: 1 });
  });

  it("slows the number down for an agent's message too, once", async () => {
    const { contactId } = await s.job(await aSent());
    await s.rows(
      "update senders set state = 'active', slowed_at = null, rate_factor = null, full_rate_at = null",
    );
    await s.rows(
      `insert into messages (organization_id, direction, contact_id, sender_id, type, body, status, provider_message_id, attempt, sent_at)
       values ($1, 'outbound', $2, $3, 'text', 'Hoi', 'sent', 'wamid.DIRECT', 1, adsapp_now() - interval '1 minute')`,
      [s.organization.id, contactId, s.sender.id],
    );
    const body = bodyOf([{ id: "wamid.DIRECT", status: "failed", code: 130429 }]);
    await s.apply(body, body);
    const speed = () => s.row("select state, rate_factor from senders where id = $1", [s.sender.id]);
    expect(await speed()).toEqual({ state: "slowed", rateFactor: 0.5 });
    await s.rows("update senders set slowed_at = slowed_at - interval '1 minute' where id = $1", [
      s.sender.id,
    ]);
    await s.apply(body);
    expect(await speed()).toEqual({ state: "slowed", rateFactor: 0.5 });
  });
});
