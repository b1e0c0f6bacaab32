import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { applyInbox } from "../../src/webhooks/inbox.ts";
import type { TestJob } from "../support/factories.ts";
import { messagesBody } from "./messages.ts";
import { bodyOf, type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterEach(() => s.expectCleanAudit());
afterAll(() => s.end());

const wamidOf = (job: TestJob) => `wamid.${job.messageId}`;

async function sent(): Promise<TestJob> {
  const [job] = await s.jobs({ sent: 1 });
  return job as TestJob;
}

async function dispatching(): Promise<TestJob> {
  const [job] = await s.jobs({ dispatching: 1 });
  return job as TestJob;
}

const waiting = () =>
  s.rows<{ error: string }>("select error from webhook_inbox where processed_at is null order by id");

const changesOf = (body: string): object[] => JSON.parse(body).entry[0].changes;

describe("the inbox", () => {
  it("counts the same body three times once", async () => {
    const job = await sent();
    const body = bodyOf([{ id: wamidOf(job), status: "delivered", job }]);
    expect(await s.apply(body, body)).toBe(2);
    expect(await s.apply(body)).toBe(1);
    expect(await s.counters(job)).toEqual({
      messagesSent: 1,
      messagesDelivered: 1,
      messagesRead: 0,
      messagesFailed: 0,
    });
    const kept = await s.row<{ n: number }>(
      "select count(*) as n from webhook_inbox where body = $1 and processed_at is not null and error is null and organization_id = $2",
      [body, s.organization.id],
    );
    expect(kept.n).toBe(3);
  });

  it("takes a read before its delivered before its sent as read, with the first time of each", async () => {
    const job = await dispatching();
    const status = (name: string, at: string) => bodyOf([{ id: "wamid.turned", status: name, job, at }]);
    await s.apply(status("read", "2026-11-24T10:00:09Z"));
    await s.apply(status("delivered", "2026-11-24T10:00:02Z"));
    await s.apply(status("sent", "2026-11-24T10:00:00Z"));
    expect(await s.message("wamid.turned")).toMatchObject({
      status: "read",
      sentAt: new Date("2026-11-24T10:00:00Z"),
      deliveredAt: new Date("2026-11-24T10:00:02Z"),
      readAt: new Date("2026-11-24T10:00:09Z"),
    });
    expect(await s.job(job)).toMatchObject({ status: "read", laneToken: null });
    expect(await s.counters(job)).toMatchObject({ messagesSent: 1, messagesDelivered: 1, messagesRead: 1 });
  });

  it("lets read imply delivered", async () => {
    const job = await sent();
    await s.apply(bodyOf([{ id: wamidOf(job), status: "read" }]));
    const at = new Date("2026-11-24T10:00:00Z");
    expect(await s.message(wamidOf(job))).toMatchObject({ status: "read", deliveredAt: at, readAt: at });
    expect(await s.counters(job)).toMatchObject({ messagesDelivered: 1, messagesRead: 1 });
  });

  it("merges a status that is faster than the POST's own answer, and the answer does not count again", async () => {
    const job = await dispatching();
    await s.apply(bodyOf([{ id: "wamid.fast", status: "delivered", job }]));
    expect(await s.job(job)).toMatchObject({ status: "delivered" });
    await s.accepted(job, "wamid.fast");
    expect(await s.message("wamid.fast")).toMatchObject({
      status: "delivered",
      bulkMessageJobId: job.id,
      contactId: job.contactId,
      attempt: 1,
      type: "text",
      body: "Hoi",
    });
    expect(await s.job(job)).toMatchObject({ status: "delivered", attempts: 1 });
    expect(await s.counters(job)).toMatchObject({ messagesSent: 1, messagesDelivered: 1 });
  });

  it.each(["unknown", "waiting"] as const)("settles a job that is %s by its opaque id", async (state) => {
    const [job] = (await s.jobs({ [state]: 1 })) as [TestJob];
    await s.apply(bodyOf([{ id: `wamid.${state}`, status: "sent", job }]));
    expect(await s.job(job)).toMatchObject({ status: "sent", unknownSince: null, nextAttemptAt: null });
    expect(await s.counters(job)).toMatchObject({ messagesSent: 1 });
  });

  it("lets delivered win over failed, whichever comes first", async () => {
    const [first, second] = (await s.jobs({ sent: 2 })) as [TestJob, TestJob];
    const failed = (job: TestJob) => bodyOf([{ id: wamidOf(job), status: "failed", code: 131026 }]);
    const delivered = (job: TestJob) => bodyOf([{ id: wamidOf(job), status: "delivered" }]);
    await s.apply(failed(first), delivered(second));
    expect(await s.job(first)).toMatchObject({ status: "failed", errorCode: "131026" });
    expect(await s.counters(first)).toMatchObject({ messagesFailed: 1, messagesDelivered: 1 });
    await s.apply(delivered(first), failed(second));
    for (const job of [first, second]) {
      expect(await s.job(job)).toMatchObject({ status: "delivered" });
      expect(await s.message(wamidOf(job))).toMatchObject({ status: "delivered", errorCode: "131026" });
    }
    expect(await s.counters(first)).toMatchObject({ messagesFailed: 0, messagesDelivered: 2 });
  });

  it("applies a thousand statuses of one body at once, and of any number of bodies", async () => {
    const jobs = await s.jobs({ sent: 1_000 });
    const statuses = jobs.map((job) => ({ id: wamidOf(job), status: "delivered", job }));
    await s.apply(bodyOf(statuses));
    expect(await s.counters(jobs[0] as TestJob)).toMatchObject({
      messagesSent: 1_000,
      messagesDelivered: 1_000,
    });
    const reads = jobs.slice(0, 250).map((job) => bodyOf([{ id: wamidOf(job), status: "read" }]));
    expect(await s.apply(...reads)).toBe(250);
    expect(await s.counters(jobs[0] as TestJob)).toMatchObject({
      messagesDelivered: 1_000,
      messagesRead: 250,
    });
  });

  it("applies what people say first, and no more at once than is soon done, however many statuses came before", async () => {
    const job = await sent();
    const statuses = bodyOf([{ id: wamidOf(job), status: "delivered", not_known_yet: "x".repeat(500_000) }]);
    const stop = messagesBody([{ from: "31612300002", text: { body: "stop" } }]);
    expect(await s.apply(...Array.from({ length: 20 }, () => statuses), stop)).toBe(21);
    const turns = await s.rows<{ stops: number; bytes: number }>(
      `select count(*) filter (where body = $1)::int as stops, sum(octet_length(body))::int as bytes
         from webhook_inbox where body in ($1, $2) group by processed_at order by processed_at`,
      [stop, statuses],
    );
    expect(turns.length).toBeGreaterThan(2);
    expect(turns[0]).toMatchObject({ stops: 1 });
    for (const { bytes } of turns) expect(bytes).toBeLessThan(2 * 1024 * 1024 + statuses.length + 1);
    expect(await s.job(job)).toMatchObject({ status: "delivered" });
  });

  it("applies each body once though four look into the inbox at the same time", async () => {
    const jobs = await s.jobs({ sent: 400 });
    const apply = () => applyInbox(s.database);
    const bodies = jobs.map((job) => bodyOf([{ id: wamidOf(job), status: "delivered", job }]));
    await s.rows("insert into webhook_inbox (body) select b from unnest($1::text[]) b", [bodies]);
    const looked = await Promise.all([apply(), apply(), apply(), apply()]);
    expect(looked.reduce((a, b) => a + b)).toBe(400);
    expect(await s.counters(jobs[0] as TestJob)).toMatchObject({ messagesDelivered: 400 });
  });

  it("keeps a body of unknown fields and kinds as it came, and is done with it", async () => {
    const job = await sent();
    const body = JSON.parse(bodyOf([{ id: wamidOf(job), status: "delivered", job, brand_new: { a: 1 } }]));
    body.entry[0].changes.push({ field: "brand_new_field", value: { x: [1, 2] } });
    const text = JSON.stringify(body);
    await s.apply(text);
    expect(
      await s.row("select error from webhook_inbox where body = $1 and processed_at is not null", [text]),
    ).toEqual({ error: null });
    expect(await s.job(job)).toMatchObject({ status: "delivered" });
  });

  it("passes over a message that another program sent through the number", async () => {
    const body = bodyOf([{ id: "wamid.theirs", status: "sent", biz_opaque_callback_data: "c42:r981:a1" }]);
    await s.apply(body);
    expect(await s.rows("select from messages where provider_message_id = 'wamid.theirs'")).toEqual([]);
    expect(await s.row("select error from webhook_inbox where body = $1", [body])).toEqual({ error: null });
  });

  it("lets a body wait of which it can read a part alone, and applies that part", async () => {
    const job = await sent();
    const before = (await waiting()).length;
    const delivered = { id: wamidOf(job), status: "delivered" };
    const ofNoNumber = { field: "messages", value: { statuses: [] } };
    await s.apply(
      messagesBody([{ text: { body: "stop" } }, { from: "31612300001", id: "wamid.IN.beside" }]),
      JSON.stringify({
        object: "whatsapp_business_account",
        entry: [{ id: "1", changes: [ofNoNumber, ofNoNumber, ...changesOf(bodyOf([delivered]))] }],
      }),
    );
    expect((await waiting()).slice(before)).toEqual([
      { error: "cannot be read: a message of nobody" },
      { error: 'cannot be read: "messages" of no number and 1 more' },
    ]);
    expect(await s.message("wamid.IN.beside")).toMatchObject({ direction: "inbound" });
    expect(await s.job(job)).toMatchObject({ status: "delivered" });
  });

  it("lets a body that it cannot read wait with its error, and blocks nothing", async () => {
    const job = await sent();
    const before = (await waiting()).length;
    await s.apply(
      "STOP",
      '{"object":"page","entry":[]}',
      bodyOf([{ id: wamidOf(job), status: "delivered" }]),
    );
    expect((await waiting()).slice(before)).toEqual([
      { error: expect.stringMatching(/^not JSON: /) },
      { error: 'not a WhatsApp webhook: "object" is not "whatsapp_business_account"' },
    ]);
    expect(await s.job(job)).toMatchObject({ status: "delivered" });
    expect(await s.apply()).toBe(0);
  });
});
