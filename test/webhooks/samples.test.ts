import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { owner } from "../../src/db/identity.ts";
import type { TestJob } from "../support/factories.ts";
import { SAMPLES, sample } from "./samples.ts";
import { type Setup, setup } from "./setup.ts";

const WABA = "102290129340398";

let s: Setup;
let job: TestJob;

beforeAll(async () => {
  s = await setup();
  await s.rows("update senders set waba_id = $1 where id = $2", [WABA, s.sender.id]);
});

/** A broadcast's message that Meta knows as wamid.OUT0001, and nothing of the samples before. */
beforeEach(async () => {
  await s.expectCleanAudit();
  await s.database.transaction(owner, async (tx) => {
    await tx.run("delete from account_notices");
    await tx.run("delete from bulk_campaigns");
    await tx.run("delete from messages");
    await tx.run("delete from conversations");
    await tx.run("delete from contacts");
    await tx.run("update senders set state = 'active', halt_reason = null, halted_at = null");
  });
  [job] = (await s.jobs({ sent: 1 })) as [TestJob];
  await s.rows("update messages set provider_message_id = 'wamid.OUT0001' where id = $1", [job.messageId]);
});

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

const errors = () =>
  s.rows("select error from webhook_inbox where processed_at is null or error is not null");

describe("every sample body of the reference", () => {
  it.each(SAMPLES)("%s is applied, also when it comes again", async (name) => {
    await s.apply(sample(name));
    await s.apply(sample(name), sample(name));
    expect(await errors()).toEqual([]);
    await s.expectCleanAudit();
  });

  it.each([
    ["status-sent-v23", { status: "sent" }],
    ["status-sent-v24", { status: "sent" }],
    ["status-delivered-by-user-id", { status: "delivered" }],
    ["status-read", { status: "read" }],
    ["status-played", { status: "read" }],
    ["status-group", { status: "read" }],
    ["status-unknown-word", { status: "sent" }],
    ["status-failed", { status: "failed", errorCode: "131049" }],
  ] as const)("%s makes %j of the message", async (name, expected) => {
    await s.apply(sample(name));
    expect(await s.message("wamid.OUT0001")).toMatchObject(expected);
  });

  it("keeps a status's pricing in either version's shape: model, type and category", async () => {
    const kept = { type: "regular", category: "marketing", pricing_model: "PMP" };
    await s.apply(sample("status-sent-v24"));
    expect((await s.message("wamid.OUT0001")).pricing).toEqual(kept);
    await s.rows("update messages set pricing = null");
    await s.apply(sample("status-sent-v23"));
    expect((await s.message("wamid.OUT0001")).pricing).toEqual({ ...kept, billable: true });
  });

  it.each([
    ["text", "text", "Hallo"],
    ["button", "button", "Stop promoties"],
    ["button-reply", "interactive", "Ja"],
    ["list-reply", "interactive", "Amsterdam"],
    ["flow-reply", "interactive", "Sent"],
    ["image", "image", "Kijk"],
    ["reaction", "reaction", "👍"],
    ["reaction-removed", "reaction", null],
    ["order", "order", ""],
    ["location", "location", "Dom"],
    ["contacts", "contacts", "Jan"],
    ["unsupported", "unsupported", null],
    ["unknown", "unsupported", null],
    ["edit", "edit", "Hallo allemaal"],
    ["revoke", "revoke", null],
    ["referral", "text", "Meer info?"],
    ["forwarded", "text", "Zie dit"],
    ["user-id-alone", "text", "Hallo"],
  ])("message-%s is kept as %s that reads %j, with all that Meta said of it", async (name, type, body) => {
    await s.apply(sample(`message-${name}`));
    const message = await s.message(`wamid.IN.${name}`);
    const [raw] = JSON.parse(sample(`message-${name}`)).entry[0].changes[0].value.messages;
    expect(message).toMatchObject({ direction: "inbound", type, body, payload: raw });
  });

  it("a thousand statuses in one body are applied", async () => {
    const jobs = await s.jobs({ sent: 500 });
    const value = JSON.parse(sample("status-read"));
    value.entry[0].changes[0].value.statuses = jobs.flatMap(({ messageId }) =>
      ["delivered", "read"].map((status) => ({ id: `wamid.${messageId}`, status, timestamp: "1764000002" })),
    );
    await s.apply(JSON.stringify(value));
    expect(await errors()).toEqual([]);
    expect(await s.counters(jobs[0] as TestJob)).toMatchObject({ messagesDelivered: 500, messagesRead: 500 });
  });
});

describe("a body of a shape that nobody expected", () => {
  it("is applied or put aside with a reason: none is lost, and none holds up another", async () => {
    const strange = fc.sample(
      fc.tuple(fc.constantFrom(...SAMPLES), fc.nat(), fc.jsonValue({ maxDepth: 3 })),
      {
        numRuns: 300,
        seed: 20_261_125,
      },
    );
    const bodies = strange.map(([name, place, value]) =>
      JSON.stringify(spoilt(JSON.parse(sample(name)), place, value)),
    );
    const { n: before } = await s.row("select count(*) as n from webhook_inbox");
    await s.apply(...bodies);
    const kept = await s.rows<{ body: string; settled: boolean }>(
      "select body, (processed_at is null) <> (error is null) as settled from webhook_inbox order by id offset $1",
      [before],
    );
    expect(kept.map(({ body }) => body)).toEqual(bodies);
    expect(kept.every(({ settled }) => settled)).toBe(true);
    expect(await s.rows("select error from webhook_inbox where error like 'refused%'")).toEqual([]);
    await s.expectCleanAudit();
  });
});

/** Puts a value in the place of one part of a body, counted from the top. */
function spoilt(body: unknown, place: number, value: unknown): unknown {
  const places: { holder: Record<string, unknown>; key: string }[] = [];
  const walk = (part: unknown): void => {
    if (typeof part !== "object" || part === null) return;
    for (const key of Object.keys(part)) {
      places.push({ holder: part as Record<string, unknown>, key });
      walk((part as Record<string, unknown>)[key]);
    }
  };
  walk(body);
  const there = places[place % places.length];
  if (there !== undefined) there.holder[there.key] = value;
  return body;
}
