import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { operator, owner } from "../../src/db/identity.ts";
import { readOptOutConfirmation } from "../../src/organizations/opt-out-confirmation.ts";
import { setOrganization } from "../../src/organizations/settings.ts";
import { CONFIRMATIONS } from "../../src/webhooks/confirmation.ts";
import { applyInbox, storeBodies } from "../../src/webhooks/inbox.ts";
import {
  messagedPeople,
  messagedPerson,
  messagesBody,
  minutesAgo,
  type Person,
  preferenceBody,
} from "./messages.ts";
import { bodyOf, type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterEach(() => s.expectCleanAudit());
afterAll(() => s.end());

const says = (person: Person, body: string, at = minutesAgo(1)) =>
  messagesBody([{ from: person.waId, text: { body }, at }]);

const answersTo = (person: Person) =>
  s.rows(
    `select m.body, m.payload, m.status, m.type, m.sender_id from messages m
      where m.contact_id = $1 and m.direction = 'outbound' and m.bulk_message_job_id is null`,
    [person.contactId],
  );
const textsTo = async (person: Person) => (await answersTo(person)).map(({ body }) => body);

async function speaker(language: string | null): Promise<Person> {
  const person = await messagedPerson(s);
  await s.rows("update contacts set language = $2 where id = $1", [person.contactId, language]);
  return person;
}

const configure = (optOutConfirmation: ReturnType<typeof readOptOutConfirmation>) =>
  s.database.transaction(operator(s.organization.profileId), (tx) =>
    setOrganization(tx, s.organization.id, { optOutConfirmation }),
  );

describe("the answer to a STOP", () => {
  it("is one message that waits in the direct queue of the number it came in for", async () => {
    const person = await speaker("nl");
    await s.apply(says(person, "stop"));
    const text = CONFIRMATIONS.nl;
    expect(await answersTo(person)).toEqual([
      {
        body: text,
        payload: { type: "text", text: { body: text } },
        status: "pending",
        type: "text",
        senderId: s.sender.id,
      },
    ]);
  });

  it.each([
    ["de", "de"],
    ["fr_CA", "fr"],
    ["es", "es"],
    ["en-US", "en"],
    ["ja", "nl"],
    [null, "nl"],
  ])(
    "to a contact who speaks %s is in %s (the organization is in the Netherlands)",
    async (language, answer) => {
      const person = await speaker(language);
      await s.apply(says(person, "stop"));
      expect(await textsTo(person)).toEqual([CONFIRMATIONS[answer]]);
    },
  );

  it("is never given twice: the STOP repeated, said again, by a preference, or applied by two workers", async () => {
    const [person, other] = (await messagedPeople(s, 2)) as [Person, Person];
    const body = says(person, "stop", minutesAgo(3));
    await s.apply(body, body);
    await s.apply(body, says(person, "STOP!!", minutesAgo(2)));
    await s.apply(preferenceBody({ value: "stop", wa_id: person.waId, at: minutesAgo(1) }));
    expect(await textsTo(person)).toHaveLength(1);
    const between = Array.from({ length: 99 }, () => bodyOf([])); // a worker takes a hundred at once
    await storeBodies(s.database, [says(other, "stop"), ...between, says(other, "afmelden")], "test");
    await Promise.all([applyInbox(s.database), applyInbox(s.database)]);
    expect(await textsTo(other)).toHaveLength(1);
  });

  it("is given again after a START, when they say STOP once more", async () => {
    const person = await messagedPerson(s);
    await s.apply(says(person, "stop", minutesAgo(9)));
    await s.apply(says(person, "start", minutesAgo(8)));
    expect(await textsTo(person)).toHaveLength(1);
    await s.apply(says(person, "stop", minutesAgo(7)));
    expect(await textsTo(person)).toHaveLength(2);
  });

  it("is not given to who was out already, is blocked, said it by a preference, or longer ago than the window", async () => {
    const [out, blocked, preferring, late] = (await messagedPeople(s, 4)) as [Person, Person, Person, Person];
    await s.rows(
      "update contacts set opted_out_at = adsapp_now() - interval '90 minutes', opt_out_source = 'letter' where id = $1",
      [out.contactId],
    );
    await s.rows("update contacts set blocked_at = adsapp_now() where id = $1", [blocked.contactId]);
    await s.apply(
      says(out, "stop"),
      says(blocked, "stop"),
      preferenceBody({ value: "stop", wa_id: preferring.waId, at: minutesAgo(1) }),
      says(late, "stop", minutesAgo(25 * 60)),
    );
    for (const person of [out, blocked, preferring, late]) expect(await textsTo(person)).toEqual([]);
    expect(await s.contact(late.job)).toMatchObject({ optOutSource: "reply: stop" });
  });

  it("is what the organization has set, or nothing", async () => {
    const [dutch, german, nobody, again] = [
      await speaker("nl"),
      await speaker("de"),
      await speaker("nl"),
      await speaker("nl"),
    ];
    await configure(readOptOutConfirmation('{"nl": "Tot ziens!"}'));
    await s.apply(says(dutch, "stop"), says(german, "abmelden"));
    expect([await textsTo(dutch), await textsTo(german)]).toEqual([["Tot ziens!"], [CONFIRMATIONS.de]]);
    await configure(readOptOutConfirmation("none"));
    await s.apply(says(nobody, "stop"));
    expect(await textsTo(nobody)).toEqual([]);
    expect((await configure(readOptOutConfirmation("default"))).optOutConfirmation).toBeNull();
    await s.apply(says(again, "stop"));
    expect(await textsTo(again)).toEqual([CONFIRMATIONS.nl]);
  });

  it.each(["", "{}", "[]", "7", "null", '{"Dutch": "x"}', '{"nl": ""}', '{"nl": 1}', "{"])(
    "set to %j is refused with what is wrong",
    (text) => {
      expect(() => readOptOutConfirmation(text)).toThrow(/^--opt-out-confirmation: /);
    },
  );

  it("stays out of what a broadcast counts", async () => {
    const person = await messagedPerson(s);
    const before = await s.counters(person.job);
    await s.apply(says(person, "stop"));
    expect(await s.counters(person.job)).toEqual(before);
    await s.database.transaction(owner, (tx) =>
      tx.run("delete from messages where contact_id = $1 and status = 'pending'", [person.contactId]),
    );
  });
});
