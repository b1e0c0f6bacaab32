import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  enrollmentsOf,
  type LogStatus,
  logsOf,
  makeDrip,
  makeEnrollments,
  settleSteps,
} from "../support/drip-factories.ts";
import { makeContacts } from "../support/factories.ts";
import { type MessageGiven, messagesBody, minutesAgo, preferenceBody, wholeSeconds } from "./messages.ts";
import { bodyOf, OTHER_NUMBER, type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterEach(() => s.expectCleanAudit());
afterAll(() => s.end());

/** Brings first steps into a state half an hour ago, when they were due. */
async function settleFirst(enrollments: readonly { id: string }[], status: LogStatus): Promise<void> {
  const ids = enrollments.map(({ id }) => id);
  await s.rows("update drip_enrollments set next_message_at = $2 where id = any ($1)", [ids, minutesAgo(31)]);
  await settleSteps(s.database, enrollments, status, { at: minutesAgo(30) });
}

/** Somebody in a drip whose first step went out half an hour ago, or is in another state. */
async function enrolled(
  given: { settings?: object; first?: "sent" | "pending" | "unknown" | "failed" | "skipped" } = {},
) {
  const [contact] = await makeContacts(s.database, s.organization, 1);
  const person = contact as { id: string; phone: string };
  const drip = await makeDrip(
    s.database,
    s.organization,
    given.settings === undefined ? {} : { settings: given.settings },
  );
  const [enrollment] = await makeEnrollments(s.database, drip, [person]);
  const it = enrollment as { id: string };
  if (given.first !== "pending") await settleFirst([it], given.first ?? "sent");
  return {
    from: person.phone.slice(1),
    contactId: person.id,
    state: async () => {
      const row = await s.row("select status, exit_reason from drip_enrollments where id = $1", [it.id]);
      return [row.status, row.exitReason];
    },
    logs: async () => (await logsOf(s.database, it)).map(({ status, skipReason }) => [status, skipReason]),
    enrollment: async () => (await enrollmentsOf(s.database, [it.id]))[0],
  };
}

const OPEN = ["active", null];
const REPLIED = ["dropped", "replied"];

describe("a reply to a drip", () => {
  it("ends it, and the step that waited is skipped for that", async () => {
    const one = await enrolled();
    await s.apply(messagesBody([{ from: one.from }]));
    expect(await one.state()).toEqual(REPLIED);
    expect(await one.logs()).toEqual([
      ["sent", null],
      ["skipped", "replied"],
    ]);
  });

  it("ends it when raw SQL writes the message, at its own time or now", async () => {
    const [earlier, now] = [await enrolled(), await enrolled()];
    const insert = `insert into messages (direction, contact_id, type, status, received_at) values ('inbound', $1, 'text', 'received', $2)`;
    await s.rows(insert, [earlier.contactId, minutesAgo(60)]);
    await s.rows(insert, [now.contactId, null]);
    expect(await earlier.state()).toEqual(OPEN);
    expect(await now.state()).toEqual(REPLIED);
  });

  it("that is faster than the news of the dispatch ends it", async () => {
    const one = await enrolled({ first: "unknown" });
    await s.apply(messagesBody([{ from: one.from }]));
    expect(await one.state()).toEqual(REPLIED);
  });

  it.each(["pending", "skipped"] as const)("is none while the first step is %s", async (first) => {
    const one = await enrolled({ first });
    await s.apply(messagesBody([{ from: one.from, at: minutesAgo(0) }]));
    expect(await one.state()).toEqual(OPEN);
  });

  it.each<[string, MessageGiven]>([
    ["a message from before the first step", { at: minutesAgo(40) }],
    ["a reaction", { type: "reaction", reaction: { emoji: "👍" } }],
    ["news of the number", { type: "system", system: { type: "user_changed_number" } }],
    ["what Meta cannot show", { type: "unsupported" }],
  ])("is not %s", async (_what, message) => {
    const one = await enrolled();
    await s.apply(messagesBody([{ from: one.from, ...message }]));
    expect(await one.state()).toEqual(OPEN);
  });

  it("leaves a drip that does not stop on replies, other people and ended ones alone", async () => {
    const [going, beside] = [await enrolled({ settings: { stopOnReply: false } }), await enrolled()];
    await s.apply(messagesBody([{ from: going.from }]));
    expect(await going.state()).toEqual(OPEN);
    expect(await beside.state()).toEqual(OPEN);
    await s.rows(
      "update drip_enrollments set status = 'dropped', exit_reason = 'unenrolled' where contact_id = $1",
      [beside.contactId],
    );
    await s.apply(messagesBody([{ from: beside.from }]));
    expect(await beside.state()).toEqual(["dropped", "unenrolled"]);
  });

  it("ends one that is paused", async () => {
    const one = await enrolled();
    await s.rows("update drip_enrollments set status = 'paused' where contact_id = $1", [one.contactId]);
    await s.apply(messagesBody([{ from: one.from }]));
    expect(await one.state()).toEqual(REPLIED);
  });

  it("counts for the log of the step, once, at the time of the first", async () => {
    const one = await enrolled({ settings: { stopOnReply: false } });
    await s.rows(
      `insert into messages (direction, contact_id, sender_id, drip_message_log_id, attempt, type, provider_message_id, status, sent_at)
       select 'outbound', l.contact_id, $2, l.id, 1, 'text', 'wamid.step', 'sent', l.sent_at from drip_message_logs l where l.contact_id = $1 and l.status = 'sent'`,
      [one.contactId, s.sender.id],
    );
    const at = minutesAgo(20);
    await s.apply(
      messagesBody([{ from: one.from, at: minutesAgo(10) }]),
      messagesBody([{ from: one.from, at, answers: "wamid.step" }]),
    );
    const stopped = minutesAgo(5);
    await s.apply(messagesBody([{ from: one.from, at: stopped, text: { body: "stop" } }]));
    expect(
      await s.row(
        "select replied_at, opted_out_at from drip_message_logs where contact_id = $1 and step_order = 1",
        [one.contactId],
      ),
    ).toEqual({ repliedAt: wholeSeconds(at), optedOutAt: wholeSeconds(stopped) });
  });
});

describe("the news of a drip's message", () => {
  it("settles its log by the opaque id, plans the next step, and a reply in the same body finds both", async () => {
    const one = await enrolled({ first: "unknown" });
    const log = await s.row<{ id: string }>("select id from drip_message_logs where contact_id = $1", [
      one.contactId,
    ]);
    const news = {
      id: "wamid.drip",
      status: "delivered",
      job: log,
      kind: "d" as const,
      at: minutesAgo(29).toISOString(),
    };
    await s.apply(messagesBody([{ from: one.from, answers: "wamid.drip" }]), bodyOf([news]));
    expect(await s.message("wamid.drip")).toMatchObject({ dripMessageLogId: log.id, bulkMessageJobId: null });
    expect(
      await s.row("select status, replied_at is not null as replied from drip_message_logs where id = $1", [
        log.id,
      ]),
    ).toEqual({
      status: "delivered",
      replied: true,
    });
    expect(await one.state()).toEqual(REPLIED);
    expect(await one.logs()).toEqual([
      ["delivered", null],
      ["skipped", "replied"],
    ]);
  });

  it("of another tenant's number is put aside", async () => {
    const one = await enrolled({ first: "unknown" });
    const log = await s.row<{ id: string }>("select id from drip_message_logs where contact_id = $1", [
      one.contactId,
    ]);
    await s.apply(bodyOf([{ id: "wamid.forged.drip", status: "read", job: log, kind: "d" }], OTHER_NUMBER));
    expect(await s.rows("select from messages where provider_message_id = 'wamid.forged.drip'")).toEqual([]);
    expect(await one.logs()).toEqual([["unknown", null]]);
  });
});

describe("a STOP to a drip", () => {
  it.each<[string, (from: string) => string]>([
    ["word", (from) => messagesBody([{ from, text: { body: "STOP" } }])],
    [
      "button",
      (from) => messagesBody([{ from, type: "button", button: { payload: "x", text: "Stop promoties" } }]),
    ],
    ["preference", (from) => preferenceBody({ value: "stop", wa_id: from, at: minutesAgo(1) })],
  ])("by %s ends it as opted out, whether or not it stops on replies", async (_by, body) => {
    for (const settings of [{}, { stopOnReply: false }]) {
      const one = await enrolled({ settings });
      await s.apply(body(one.from));
      expect(await one.state()).toEqual(["opted_out", "opted_out"]);
    }
  });

  it("ends a transactional one as a reply does", async () => {
    const [one, going] = [
      await enrolled({ settings: { transactional: true } }),
      await enrolled({ settings: { transactional: true, stopOnReply: false } }),
    ];
    for (const { from } of [one, going]) await s.apply(messagesBody([{ from, text: { body: "stop" } }]));
    expect(await one.state()).toEqual(REPLIED);
    expect(await going.state()).toEqual(OPEN);
  });

  it("a thousand at once end in one body", async () => {
    const people = await makeContacts(s.database, s.organization, 1_000);
    const drip = await makeDrip(s.database, s.organization);
    await settleFirst(await makeEnrollments(s.database, drip, people), "sent");
    await s.apply(messagesBody(people.map(({ phone }) => ({ from: phone.slice(1) }))));
    expect(
      await s.rows(
        "select status, exit_reason, count(*) as n from drip_enrollments where campaign_id = $1 group by 1, 2",
        [drip.id],
      ),
    ).toEqual([{ status: "dropped", exitReason: "replied", n: 1_000 }]);
  });
});
