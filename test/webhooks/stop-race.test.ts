import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { worker } from "../../src/db/identity.ts";
import { takeLanes } from "../../src/sending/lane.ts";
import { readBody } from "../../src/webhooks/body.ts";
import { storeBodies } from "../../src/webhooks/inbox.ts";
import { receive } from "../../src/webhooks/receive.ts";
import { during, watch } from "../faults/processes.ts";
import { makeWorld } from "../faults/world.ts";
import { claimWindow } from "../sending/claim.ts";
import type { TestJob } from "../support/factories.ts";
import { messagesBody, minutesAgo } from "./messages.ts";
import { type Setup, setup } from "./setup.ts";

let s: Setup;
/** another process's connection */
let beside: Database;

beforeAll(async () => {
  s = await setup();
  beside = new Database({ url: s.url });
});

afterEach(() => s.expectCleanAudit());
afterAll(async () => {
  await beside.close();
  await s.end();
});

async function stopOf(job: TestJob): Promise<string> {
  const { phone } = await s.contact(job);
  return messagesBody([{ from: String(phone).slice(1), text: { body: "STOP" }, at: minutesAgo(1) }]);
}

/** @returns what takes one claim, and gives the jobs that are to be sent; the answer to a STOP (`m`) goes by the same lane */
async function lane(): Promise<() => Promise<string[]>> {
  await s.rows("update senders set lane_token = null, lane_expires_at = null");
  const [mine] = await takeLanes(beside, { leaseSeconds: 30, organizationId: s.organization.id, limit: 1 });
  if (mine === undefined) throw new Error("the lane is taken");
  return async () =>
    (await claimWindow(beside, mine, 10)).jobs.filter(({ kind }) => kind !== "m").map(({ id }) => id);
}

describe("a STOP and a claim on two connections", () => {
  it("committed before the claim: the message is not sent, without anything to look up anew", async () => {
    const [job] = (await s.jobs({ pending: 1 })) as [TestJob];
    const claim = await lane();
    await s.apply(await stopOf(job));
    expect(await claim()).toEqual([]);
    expect(await s.job(job)).toMatchObject({ status: "skipped", skipReason: "opted_out" });
  });

  it("not committed at the claim: neither waits for the other, that one goes out, and the next does not", async () => {
    const [job] = (await s.jobs({ pending: 1 })) as [TestJob];
    const body = await stopOf(job);
    const claim = await lane();
    await s.database.transaction(worker, async (tx) => {
      await receive(tx, readBody(body).inbound);
      expect(await claim()).toEqual([job.id]);
    });
    expect(await s.contact(job)).toMatchObject({ optOutSource: "reply: STOP" });
    const [next] = (await s.jobs({ pending: 1 }, { contacts: [{ id: job.contactId }] })) as [TestJob];
    expect(await claim()).toEqual([]);
    expect(await s.job(next)).toMatchObject({ status: "skipped", skipReason: "opted_out" });
  });
});

describe("a STOP that is stored while a tick is sending", () => {
  it("stops its contact within the same tick, within five seconds, and is answered by it", async () => {
    const world = await makeWorld({ people: 280, throughput: 40, simulator: { latencyMs: 20 } });
    const tick = watch(world.startTick());
    await during(tick, "20 accepted messages", () => world.simulator.counts().accepted >= 20);
    const last = await world.query<{ id: string; phone: string }>(
      `select c.id, c.phone from bulk_message_jobs j join contacts c on c.id = j.contact_id
        where j.seq > (select max(seq) - 20 from bulk_message_jobs) order by j.seq`,
    );
    const [sender] = await world.query<{ phoneNumberId: string }>("select phone_number_id from senders");
    const stops = last.map(({ phone }) => ({ from: phone.slice(1), text: { body: "STOP" }, at: new Date() }));
    await storeBodies(world.database, [messagesBody(stops, { number: sender?.phoneNumberId ?? "" })], "test");
    expect(await tick.ended).toMatchObject({ code: 0 });
    const became = await world.query<{ status: string; skipReason: string | null; late: boolean }>(
      `select j.status, j.skip_reason, i.processed_at > i.received_at + interval '5 seconds' as late
         from bulk_message_jobs j cross join webhook_inbox i where j.contact_id = any ($1) and i.source = 'test'`,
      [last.map(({ id }) => id)],
    );
    expect(became).toHaveLength(20);
    for (const row of became)
      expect(row).toEqual({ status: "skipped", skipReason: "opted_out", late: false });
    const answers = await world.query<{ status: string }>(
      "select status from messages where direction = 'outbound' and bulk_message_job_id is null",
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => "sent"));
    await world.expectCleanAudit();
  });
});
