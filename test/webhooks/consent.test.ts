import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { operator, owner } from "../../src/db/identity.ts";
import type { TestJob } from "../support/factories.ts";
import { bodyOf, type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterEach(() => s.expectCleanAudit());
afterAll(() => s.end());

const failed = (job: TestJob, code: number) =>
  bodyOf([{ id: `wamid.${job.messageId}`, status: "failed", code }]);

async function sent(): Promise<TestJob> {
  return (await s.jobs({ sent: 1 }))[0] as TestJob;
}

describe("a status that failed", () => {
  it("with 131050 opts the contact out of marketing, and says how it is known", async () => {
    const job = await sent();
    await s.apply(failed(job, 131050));
    expect(await s.job(job)).toMatchObject({
      status: "failed",
      errorCode: "131050",
      error: "Details of 131050",
    });
    expect(await s.contact(job)).toMatchObject({
      optedOutAt: expect.any(Date),
      optOutSource: "provider: 131050",
      blockedAt: null,
      undeliverableAt: null,
    });
  });

  it("with 131050 before the POST's own answer opts the contact out too", async () => {
    const [job] = (await s.jobs({ dispatching: 1 })) as [TestJob];
    await s.apply(bodyOf([{ id: "wamid.early", status: "failed", code: 131050, job }]));
    expect(await s.job(job)).toMatchObject({ status: "failed", errorCode: "131050" });
    expect(await s.contact(job)).toMatchObject({ optOutSource: "provider: 131050" });
  });

  it("with 131026 marks the number as undeliverable, once", async () => {
    const job = await sent();
    await s.apply(failed(job, 131026));
    const { undeliverableAt, optedOutAt } = await s.contact(job);
    expect(undeliverableAt).toBeInstanceOf(Date);
    expect(optedOutAt).toBeNull();
    await s.apply(failed(job, 131026));
    expect((await s.contact(job)).undeliverableAt).toEqual(undeliverableAt);
  });

  it("with another code marks nothing", async () => {
    const job = await sent();
    await s.apply(failed(job, 131000));
    expect(await s.contact(job)).toMatchObject({ optedOutAt: null, undeliverableAt: null });
  });

  it.each([
    [131050, 131026],
    [131026, 131050],
  ])("of two messages to one person, %i and %i at once, leaves both behind", async (one, other) => {
    const [first] = (await s.jobs({ sent: 1 })) as [TestJob];
    const contacts = [{ id: first.contactId }];
    const [second] = (await s.jobs({ sent: 1 }, { contacts })) as [TestJob];
    await s.apply(failed(first, one), failed(second, other));
    expect(await s.contact(first)).toMatchObject({
      optOutSource: "provider: 131050",
      undeliverableAt: expect.any(Date),
    });
  });

  it("keeps the opt-out when the message has failed for two reasons", async () => {
    const job = await sent();
    const id = `wamid.${job.messageId}`;
    const at = "2026-11-24T09:00:00Z";
    const both = [
      { id, status: "failed", code: 131026, at },
      { id, status: "failed", code: 131050 },
    ];
    await s.apply(bodyOf(both));
    expect(await s.job(job)).toMatchObject({ errorCode: "131050" });
    expect(await s.contact(job)).toMatchObject({ optOutSource: "provider: 131050" });
  });

  it("that comes again does not undo what the person has said since", async () => {
    const job = await sent();
    await s.apply(failed(job, 131050));
    await s.database.transaction(operator(s.organization.profileId), (tx) =>
      tx.run(
        "update contacts set opted_out_at = null, opt_out_source = null, opted_in_at = adsapp_now() where id = $1",
        [job.contactId],
      ),
    );
    await s.apply(failed(job, 131050));
    expect(await s.contact(job)).toMatchObject({ optedOutAt: null, optedInAt: expect.any(Date) });
  });

  it("leaves an earlier opt-out as it was", async () => {
    const job = await sent();
    const earlier = { optedOutAt: new Date("2020-01-01T00:00:00Z"), optOutSource: "STOP" };
    await s.rows("update contacts set opted_out_at = $2, opt_out_source = 'STOP' where id = $1", [
      job.contactId,
      earlier.optedOutAt,
    ]);
    await s.rows("update bulk_message_jobs set dispatched_at = $2 where id = $1", [
      job.id,
      new Date("2019-12-31T00:00:00Z"),
    ]);
    await s.apply(failed(job, 131050));
    expect(await s.contact(job)).toMatchObject(earlier);
  });
});

describe("a body that the database refuses", () => {
  it("is put aside with its error; the hundreds around it are applied, and the next look finds nothing", async () => {
    const jobs = await s.jobs({ sent: 220 });
    const [poison] = (await s.jobs({ sent: 1 })) as [TestJob];
    await s.database.transaction(owner, async (tx) => {
      await tx.run(`create function refuse() returns trigger language plpgsql as
                    $$ begin raise exception 'not this one' using errcode = 'check_violation'; end $$`);
      await tx.run(`create trigger refuse before update on messages for each row
                    when (new.id = '${poison.messageId}') execute function refuse()`);
    });
    const delivered = (job: TestJob) => bodyOf([{ id: `wamid.${job.messageId}`, status: "delivered" }]);
    const bodies = jobs.map(delivered);
    const looked = await s.apply(...bodies.slice(0, 50), delivered(poison), ...bodies.slice(50));
    expect(looked).toBe(221);
    expect(await s.counters(jobs[0] as TestJob)).toMatchObject({ messagesDelivered: 220 });
    expect(await s.rows("select body, error from webhook_inbox where processed_at is null")).toEqual([
      { body: delivered(poison), error: "refused: not this one" },
    ]);
    expect(await s.apply()).toBe(0);
  });
});
