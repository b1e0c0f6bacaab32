import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { owner, worker } from "../../src/db/identity.ts";
import { applyInbox, storeBodies } from "../../src/webhooks/inbox.ts";
import type { TestJob } from "../support/factories.ts";
import { until } from "../support/until.ts";
import { bodyOf, type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(() => s.end());

/** What may become known of one message; `answer` is the POST's own. */
type Fact = "answer" | "sent" | "delivered" | "read" | "failed";

const AT: Record<Fact, string> = {
  answer: "2026-11-24T10:00:00.400Z",
  sent: "2026-11-24T10:00:00Z",
  delivered: "2026-11-24T10:00:02Z",
  failed: "2026-11-24T10:00:03Z",
  read: "2026-11-24T10:00:09Z",
};

function* ordersOf<T>(facts: readonly T[]): Generator<T[]> {
  if (facts.length === 0) yield [];
  for (const [i, first] of facts.entries())
    for (const rest of ordersOf(facts.toSpliced(i, 1))) yield [first, ...rest];
}

/** What is known at the end, when the facts come in one transaction each and in this order. */
async function resultOf(order: readonly Fact[]) {
  const [job] = (await s.jobs({ dispatching: 1 })) as [TestJob];
  const wamid = `wamid.${job.id}`;
  for (const fact of order) {
    const code = fact === "failed" ? 131050 : undefined;
    if (fact === "answer") await s.accepted(job, wamid, new Date(AT.answer));
    else
      await s.apply(
        bodyOf([{ id: wamid, status: fact, job, at: AT[fact], ...(code === undefined ? {} : { code }) }]),
      );
  }
  const message = await s.message(wamid);
  const row = await s.job(job);
  const { optOutSource } = await s.contact(job);
  const pick = (from: Record<string, unknown>, ...keys: string[]) => keys.map((key) => [key, from[key]]);
  return {
    message: pick(
      message,
      "status",
      "type",
      "body",
      "sentAt",
      "deliveredAt",
      "readAt",
      "failedAt",
      "errorCode",
    ),
    job: pick(
      row,
      "status",
      "attempts",
      "sentAt",
      "deliveredAt",
      "readAt",
      "failedAt",
      "errorCode",
      "error",
      "countedOn",
    ),
    isItsMessage: row.messageId === message.id,
    counters: await s.counters(job),
    optOutSource,
  };
}

describe("facts of one message", () => {
  it.each<{ facts: Fact[] }>([
    { facts: ["answer", "sent", "delivered", "read"] },
    { facts: ["answer", "sent", "failed"] },
    { facts: ["answer", "failed", "delivered"] },
    { facts: ["answer", "read"] },
    { facts: ["sent", "delivered", "failed"] },
  ])("$facts give the same result in any order", async ({ facts }) => {
    const expected = await resultOf(facts);
    for (const order of ordersOf(facts))
      expect({ order, ...(await resultOf(order)) }).toEqual({ order, ...expected });
    await s.expectCleanAudit();
  });
});

describe("facts of one message at the same moment", () => {
  const blocked = async () => {
    const waiting = await s.database.transaction(owner, (tx) =>
      tx.query(
        "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      ),
    );
    return waiting.length > 0;
  };

  it("a status that comes while the answer is written down is applied to it", async () => {
    const [job, other] = (await s.jobs({ unknown: 2 })) as [TestJob, TestJob];
    const [wamid, alone] = [`wamid.${job.id}`, `wamid.${other.id}`];
    const beside = new Database({ url: s.url });
    await storeBodies(
      s.database,
      [
        bodyOf([{ id: wamid, status: "read", job, at: AT.read }]),
        bodyOf([{ id: alone, status: "sent", job: other }]),
      ],
      "test",
    );
    const applying = await s.database.transaction(worker, async (tx) => {
      await tx.run(
        `insert into messages (organization_id, direction, contact_id, sender_id, bulk_message_job_id, attempt, type, body, provider_message_id, status, sent_at)
         values ($1, 'outbound', $2, $3, $4, 1, 'text', 'Hoi', $5, 'sent', $6)`,
        [s.organization.id, job.contactId, s.sender.id, job.id, wamid, AT.answer],
      );
      const promise = applyInbox(beside);
      await until("the status waits for the answer", blocked);
      return { promise };
    });
    expect(await applying.promise).toBe(2);
    await beside.close();
    expect(await s.message(wamid)).toMatchObject({
      status: "read",
      type: "text",
      body: "Hoi",
      sentAt: new Date(AT.answer),
      readAt: new Date(AT.read),
      deliveredAt: new Date(AT.read),
    });
    expect(await s.job(job)).toMatchObject({ status: "read" });
    expect(await s.message(alone)).toMatchObject({ status: "sent", type: "unknown" });
    await s.expectCleanAudit();
  });
});
