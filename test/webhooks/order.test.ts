import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestJob } from "../support/factories.ts";
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
