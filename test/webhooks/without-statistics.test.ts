import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../src/db/database.ts";
import { applyInbox, storeBodies } from "../../src/webhooks/inbox.ts";
import { aloneIn, leaveUncounted, rowsReadBy } from "../support/rows-read.ts";
import { messagesBody } from "./messages.ts";
import { bodyOf, type Setup, setup } from "./setup.ts";

const SENT = 3_000;
const TOLD = 20;
const TABLES = ["messages", "bulk_message_jobs", "contacts", "conversations", "drip_enrollments"];

let s: Setup;
let alone: Database;
/** of each test its own */
let sent: { wamid: string; phone: string }[];

beforeAll(async () => {
  s = await setup();
  alone = aloneIn(s.url);
  await leaveUncounted(alone, TABLES);
  await s.jobs({ sent: SENT });
  sent = await s.rows(
    `select m.provider_message_id as wamid, c.phone from messages m join contacts c on c.id = m.contact_id order by m.id limit $1`,
    [4 * TOLD],
  );
});

afterAll(async () => {
  await s.expectCleanAudit();
  await alone.close();
  await s.end();
});

/** Rows that applying the body looks at, for each thing it tells, which is applied. */
async function readFor(body: string): Promise<number> {
  await storeBodies(s.database, [body], "test");
  const read = await rowsReadBy(alone, TABLES, () => applyInbox(alone));
  expect(read).toBeGreaterThanOrEqual(TOLD);
  expect(await s.rows("select from webhook_inbox where processed_at is null")).toEqual([]);
  return read / TOLD;
}

describe("of a broadcast that was just sent, and that PostgreSQL has no statistics of, a body reads what it tells of", () => {
  const from = (phone: string) => phone.slice(1);
  const some = () => sent.splice(0, TOLD);

  it("statuses", async () => {
    const read = some().map(({ wamid }) => ({ id: wamid, status: "read" }));
    expect(await readFor(bodyOf(read))).toBeLessThan(30);
  });

  it("failures", async () => {
    const failed = some().map(({ wamid }) => ({ id: wamid, status: "failed", code: 131026 }));
    expect(await readFor(bodyOf(failed))).toBeLessThan(60);
  });

  it("replies, to what they quote and to what came last", async () => {
    const replies = some().map(({ wamid, phone }, n) => ({
      from: from(phone),
      ...(n % 2 === 0 ? {} : { answers: wamid }),
    }));
    expect(await readFor(messagesBody(replies))).toBeLessThan(60);
  });

  it("STOP", async () => {
    const stops = some().map(({ phone }) => ({ from: from(phone), text: { body: "STOP" } }));
    expect(await readFor(messagesBody(stops))).toBeLessThan(60);
  });
});
