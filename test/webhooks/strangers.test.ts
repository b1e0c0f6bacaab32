import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makeCampaign, makeJobs, makeRun, makeSender, type TestJob } from "../support/factories.ts";
import { bodyOf, OTHER_NUMBER, type Setup, setup } from "./setup.ts";

const SECOND_NUMBER = "106540352248888";

let s: Setup;
/** another number of the organization itself */
let second: { id: string };

beforeAll(async () => {
  s = await setup();
  second = await makeSender(s.database, s.organization, { name: "second", phoneNumberId: SECOND_NUMBER });
});

afterEach(() => s.expectCleanAudit());
afterAll(() => s.end());

const wamidOf = (job: TestJob) => `wamid.${job.messageId}`;

async function sent(): Promise<TestJob> {
  const [job] = await s.jobs({ sent: 1 });
  return job as TestJob;
}

const waiting = () =>
  s.rows<{ error: string }>("select error from webhook_inbox where processed_at is null order by id");

describe("a status of another number", () => {
  it("that names our job is put aside with its error, and blocks nothing", async () => {
    const [job, beside] = (await s.jobs({ dispatching: 1, sent: 1 })).toSorted((a) =>
      a.status === "dispatching" ? -1 : 1,
    ) as [TestJob, TestJob];
    const forged = bodyOf([{ id: "wamid.forged", status: "read", job }], OTHER_NUMBER);
    await s.apply(forged, bodyOf([{ id: wamidOf(beside), status: "delivered" }]));
    const body = await s.row(
      "select error, processed_at, organization_id from webhook_inbox where body = $1",
      [forged],
    );
    expect(body).toEqual({
      error: "1 of 1 statuses name a message that the number they came from did not send",
      processedAt: null,
      organizationId: s.other.id,
    });
    expect(await s.job(job)).toMatchObject({ status: "dispatching" });
    expect(await s.job(beside)).toMatchObject({ status: "delivered" });
    expect(await s.rows("select from messages where provider_message_id = 'wamid.forged'")).toEqual([]);
  });

  it("that names our message beside our own number's is judged by itself, and stays theirs", async () => {
    const job = await sent();
    const statuses = [{ id: wamidOf(job), status: "delivered", job }];
    const [theirs, ours] = [bodyOf(statuses, OTHER_NUMBER), bodyOf(statuses)];
    await s.apply(theirs, ours);
    const whose = "select organization_id, error is null as applied from webhook_inbox where body = $1";
    expect(await s.row(whose, [ours])).toEqual({ organizationId: s.organization.id, applied: true });
    expect(await s.row(whose, [theirs])).toEqual({ organizationId: s.other.id, applied: false });
  });

  it("of the same organization has not sent our message", async () => {
    const [job, beside] = (await s.jobs({ sent: 1, unknown: 1 })) as [TestJob, TestJob];
    const claim = { id: wamidOf(job), status: "read" };
    await s.apply(
      bodyOf([claim], SECOND_NUMBER),
      bodyOf([{ ...claim, job: beside }], SECOND_NUMBER),
      bodyOf([{ ...claim, status: "delivered" }]),
    );
    expect(await s.message(wamidOf(job))).toMatchObject({ status: "delivered" });
    expect(await s.job(beside)).toMatchObject({ status: "unknown" });
  });

  it("that two organizations have entered counts for the one that sent, and names neither otherwise", async () => {
    const shared = "106540352247777";
    for (const organization of [s.organization, s.other]) {
      await s.rows(
        "insert into senders (organization_id, name, provider, phone_number_id) values ($1, 'shared', 'log', $2)",
        [organization.id, shared],
      );
    }
    const body = bodyOf([{ id: "wamid.shared", status: "sent" }], shared);
    await s.apply(body);
    expect(await s.row("select organization_id from webhook_inbox where body = $1", [body])).toEqual({
      organizationId: null,
    });
  });
});

describe("a status that cannot be", () => {
  it.each([
    ["an attempt that was never made", "sent", 2],
    ["a job that was never dispatched", "pending", 1],
  ] as const)("names %s: it is put aside", async (_what, state, attempt) => {
    const [job] = (await s.jobs({ [state]: 1 })) as [TestJob];
    const before = await s.job(job);
    await s.apply(bodyOf([{ id: `wamid.never.${state}`, status: "read", job, attempt }]));
    expect((await waiting()).at(-1)?.error).toMatch(/^1 of 1 statuses name a message/);
    expect(await s.job(job)).toEqual(before);
  });

  it("names a message that came in: it changes nothing", async () => {
    const job = await sent();
    await s.rows(
      `insert into messages (organization_id, direction, contact_id, sender_id, type, provider_message_id, status)
       values ($1, 'inbound', $2, $3, 'text', 'wamid.IN1', 'received')`,
      [s.organization.id, job.contactId, s.sender.id],
    );
    await s.apply(bodyOf([{ id: "wamid.IN1", status: "read" }]));
    expect(await s.message("wamid.IN1")).toMatchObject({ status: "received", readAt: null });
  });

  it("is claimed by two numbers of one organization, each with a job of its own: one counts, and the inbox goes on", async () => {
    const campaign = await makeCampaign(s.database, s.organization, { senderId: second.id });
    const jobs = [
      ...(await s.jobs({ unknown: 1 })),
      ...(await makeJobs(s.database, await makeRun(s.database, campaign), { unknown: 1 })),
    ];
    const claim = (job: TestJob | undefined, number?: string) =>
      bodyOf([{ id: "wamid.twice", status: "sent", ...(job === undefined ? {} : { job }) }], number);
    await s.apply(claim(jobs[0]), claim(jobs[1], SECOND_NUMBER));
    const statuses = await Promise.all(jobs.map(async (job) => (await s.job(job)).status));
    expect(statuses.toSorted()).toEqual(["sent", "unknown"]);
    expect(await s.apply()).toBe(0);
  });
});
