import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { createTestDatabase } from "../support/database.ts";
import type { JobState } from "../support/factories.ts";
import { type News, withJob } from "./one-job.ts";

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url });
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const RANK = { sent: 3, failed: 4, delivered: 5, read: 6 };

describe("track_message_delivery()", () => {
  const statuses = fc.array(fc.constantFrom<News["status"]>("sent", "delivered", "read", "failed"), {
    minLength: 1,
    maxLength: 6,
  });

  it("lets a status only rise, in whatever order and how often news comes, and counts each once", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<JobState>("dispatching", "unknown"),
        statuses,
        fc.boolean(),
        async (state, news, timed) => {
          const at = timed ? "2026-01-01T12:00:00Z" : undefined;
          await withJob(database, state, async (job) => {
            const [first, ...later] = news as [News["status"], ...News["status"][]];
            const said = (status: News["status"]) => (at === undefined ? { status } : { status, at });
            await job.insert(said(first));
            for (const status of later) await job.update(said(status));
            const highest = [...news].sort((a, b) => RANK[b] - RANK[a])[0] as News["status"];
            expect([(await job.message()).status, (await job.job()).status]).toEqual([highest, highest]);
            expect(await job.statistics()).toMatchObject({
              totalTargets: 1,
              messagesSent: 1,
              messagesDelivered: Number(RANK[highest] >= 5),
              messagesRead: Number(highest === "read"),
              messagesFailed: Number(highest === "failed"),
            });
            await job.expectCleanAudit();
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("means now where a status comes without its time", () =>
    withJob(database, "dispatching", async (job) => {
      await job.insert({ status: "sent" });
      await job.update({ status: "read" });
      const { now } = (await job.tx.one<{ now: Date }>("select adsapp_now() as now")) as { now: Date };
      for (const row of [await job.message(), await job.job()])
        for (const at of [row.sentAt, row.deliveredAt, row.readAt])
          expect(Math.abs((at as Date).getTime() - now.getTime())).toBeLessThan(60_000);
    }));

  it("records failed after delivered on the message, and ignores it", () =>
    withJob(database, "delivered", async (job) => {
      const before = await job.job();
      await job.update({ status: "failed", at: "2026-11-27T10:00:00Z" });
      expect(await job.message()).toMatchObject({
        status: "delivered",
        failedAt: new Date("2026-11-27T10:00:00Z"),
        errorCode: "131026",
      });
      expect(await job.job()).toEqual(before);
      expect(await job.statistics()).toMatchObject({ messagesDelivered: 1, messagesFailed: 0 });
      await job.expectCleanAudit();
    }));

  it("lets delivered after failed win, and cancels the retry", () =>
    withJob(database, "sent", async (job) => {
      await job.update({ status: "failed" });
      expect(await job.job()).toMatchObject({ status: "failed", errorCode: "131026" });
      expect(await job.statistics()).toMatchObject({ messagesSent: 1, messagesFailed: 1 });
      await job.tx.run(
        "update bulk_message_jobs set status = 'pending', next_attempt_at = adsapp_now() + interval '1 minute' where id = $1",
        [job.jobId],
      );
      await job.update({ status: "delivered" });
      expect(await job.job()).toMatchObject({ status: "delivered", nextAttemptAt: null });
      expect(await job.statistics()).toMatchObject({
        messagesSent: 1,
        messagesDelivered: 1,
        messagesFailed: 0,
      });
      await job.expectCleanAudit();
    }));

  it.each<[JobState, News["status"], string]>([
    ["dispatching", "sent", "sent"],
    ["unknown", "sent", "sent"],
    ["unknown", "failed", "failed"],
    ["unknown", "read", "read"],
    ["waiting", "sent", "sent"],
    ["waiting", "delivered", "delivered"],
    ["failed", "sent", "failed"],
    ["failed", "delivered", "delivered"],
  ])("settles a job that is %s by the news that its message is %s", (state, status, expected) =>
    withJob(database, state, async (job) => {
      await job.insert({ status });
      expect(await job.job()).toMatchObject({
        status: expected,
        laneToken: null,
        nextAttemptAt: null,
        messageId: expect.any(String),
      });
      expect(await job.statistics()).toMatchObject({
        messagesSent: 1,
        messagesFailed: Number(expected === "failed"),
      });
      await job.expectCleanAudit();
    }),
  );

  it.each(["cancelled", "skipped"])(
    "takes a message of an unknown job that was %s meanwhile for what it is: a fact",
    (closed) =>
      withJob(database, "unknown", async (job) => {
        await job.tx.run(
          "update bulk_message_jobs set status = $2::text, unknown_since = null, skip_reason = case $2 when 'skipped' then 'opted_out' end where id = $1",
          [job.jobId, closed],
        );
        await job.insert({ status: "sent" });
        expect(await job.job()).toMatchObject({ status: "sent", skipReason: null });
        expect(await job.statistics()).toMatchObject({ messagesSent: 1, messagesSkipped: 0 });
        await job.update({ status: "failed" });
        expect((await job.job()).status).toBe("failed");
        await job.expectCleanAudit();
      }),
  );

  it("leaves inbound messages, and those of no job, alone", () =>
    withJob(database, "sent", async (job) => {
      const before = [await job.job(), await job.statistics()];
      await job.tx.run(
        `insert into messages (organization_id, direction, contact_id, type, status, bulk_message_job_id)
         select organization_id, 'inbound', contact_id, 'text', 'received', id from bulk_message_jobs where id = $1
         union all select organization_id, 'outbound', contact_id, 'text', 'read', null from bulk_message_jobs where id = $1`,
        [job.jobId],
      );
      expect([await job.job(), await job.statistics()]).toEqual(before);
    }));
});

describe("news of two attempts", () => {
  const second = `update bulk_message_jobs set status = 'dispatching', attempts = 2, unknown_since = null, error_code = null,
    lane_token = '00000000-0000-0000-0000-000000000001' where id = $1`;

  it("does not fail the second attempt by the first one's failure", () =>
    withJob(database, "unknown", async (job) => {
      await job.tx.run(second, [job.jobId]);
      await job.insert({ status: "failed" }, 1);
      expect(await job.job()).toMatchObject({
        status: "dispatching",
        laneToken: expect.any(String),
        failedAt: null,
      });
      await job.insert({ status: "sent" }, 2);
      expect(await job.job()).toMatchObject({ status: "sent", laneToken: null });
      expect(await job.statistics()).toMatchObject({ messagesSent: 1, messagesFailed: 0 });
    }));

  it("goes by the second one when both come in one statement", () =>
    withJob(database, "unknown", async (job) => {
      await job.tx.run(second, [job.jobId]);
      await job.tx.run(
        `insert into messages (organization_id, direction, contact_id, sender_id, bulk_message_job_id, attempt, type, provider_message_id, status, sent_at, failed_at)
         select j.organization_id, 'outbound', j.contact_id, r.sender_id, j.id, m.attempt, 'text', 'wamid.' || gen_random_uuid(), m.status, adsapp_now(),
                case m.status when 'failed' then adsapp_now() end
           from bulk_message_jobs j join campaign_runs r on r.campaign_id = j.campaign_id cross join (values (1, 'failed'), (2, 'sent')) m(attempt, status)
          where j.id = $1`,
        [job.jobId],
      );
      expect(await job.job()).toMatchObject({ status: "sent", laneToken: null, failedAt: null });
    }));

  it("is delivered when either is", () =>
    withJob(database, "unknown", async (job) => {
      await job.tx.run(second, [job.jobId]);
      await job.insert({ status: "failed" }, 2);
      await job.insert({ status: "delivered" }, 1);
      expect((await job.job()).status).toBe("delivered");
    }));
});

describe("the day that a message counts on", () => {
  it.each([
    ["before midnight", "Europe/Amsterdam", "2026-11-27T22:59:59Z", "2026-11-27"],
    ["after midnight", "Europe/Amsterdam", "2026-11-27T23:00:00Z", "2026-11-28"],
    ["before midnight in summer", "Europe/Amsterdam", "2026-10-24T21:59:59Z", "2026-10-24"],
    ["in the hour that comes twice", "Europe/Amsterdam", "2026-10-25T00:30:00Z", "2026-10-25"],
    ["at the end of the day of 25 hours", "Europe/Amsterdam", "2026-10-25T22:59:59Z", "2026-10-25"],
    ["at the end of the day of 23 hours", "Europe/Amsterdam", "2026-03-29T21:59:59Z", "2026-03-29"],
    ["behind UTC", "America/New_York", "2026-11-28T04:59:59Z", "2026-11-27"],
    ["at the year's end, ahead of UTC", "Pacific/Auckland", "2026-12-31T11:00:00Z", "2027-01-01"],
  ])("is the organization's own: %s", (_what, timezone, at, date) =>
    withJob(
      database,
      "dispatching",
      async (job) => {
        await job.insert({ status: "sent", at });
        expect(await job.days()).toEqual([{ date, sent: 1, delivered: 0, read: 0, failed: 0 }]);
      },
      timezone,
    ),
  );

  it("stays that of its sending when it is delivered, read or failed on a later one", () =>
    withJob(database, "dispatching", async (job) => {
      await job.insert({ status: "sent", at: "2026-11-27T22:59:00Z" });
      await job.update({ status: "failed", at: "2026-11-27T23:30:00Z" });
      expect(await job.days()).toEqual([{ date: "2026-11-27", sent: 1, delivered: 0, read: 0, failed: 1 }]);
      await job.update({ status: "delivered", at: "2026-11-28T23:30:00Z" });
      await job.update({ status: "read", at: "2026-12-01T10:00:00Z" });
      expect(await job.days()).toEqual([{ date: "2026-11-27", sent: 1, delivered: 1, read: 1, failed: 0 }]);
    }));

  it("moves from that of a failure that nobody accepted to that of the sending", () =>
    withJob(database, "failed", async (job) => {
      await job.tx.run("update bulk_message_jobs set counted_on = '2026-11-26' where id = $1", [job.jobId]);
      expect(await job.days()).toEqual([{ date: "2026-11-26", sent: 0, delivered: 0, read: 0, failed: 1 }]);
      await job.insert({ status: "delivered", at: "2026-11-27T10:00:00Z" });
      expect(await job.days()).toEqual([{ date: "2026-11-27", sent: 1, delivered: 1, read: 0, failed: 0 }]);
      await job.expectCleanAudit();
    }));
});
