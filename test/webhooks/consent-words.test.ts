import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { optOut } from "../../src/contacts/contacts.ts";
import { operator } from "../../src/db/identity.ts";
import { applyInbox, storeBodies } from "../../src/webhooks/inbox.ts";
import { makeCampaign, makeContacts, makeJobs, makeRun } from "../support/factories.ts";
import {
  messagedPerson,
  messagesBody,
  minutesAgo,
  type Person,
  preferenceBody,
  repliesOf,
  wholeSeconds,
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

async function byHand(person: Person, change: string): Promise<void> {
  await s.database.transaction(operator(s.organization.profileId), (tx) =>
    tx.run(`update contacts set ${change} where id = $1`, [person.contactId]),
  );
}

describe("a STOP", () => {
  it("opts out of marketing with what was said, and counts as opt-out of its message, not as reply", async () => {
    const person = await messagedPerson(s);
    const at = minutesAgo(4);
    await s.apply(says(person, "Stop nu! 🙏", at));
    expect(await s.contact(person.job)).toMatchObject({
      optedOutAt: expect.any(Date),
      optOutSource: "reply: Stop nu! 🙏",
      blockedAt: null,
      lastInboundAt: wholeSeconds(at),
    });
    expect(await s.job(person.job)).toMatchObject({ repliedAt: null, optedOutAt: wholeSeconds(at) });
    expect((await s.message(person.wamid)).repliedAt).toBeNull();
    expect(await repliesOf(s, person)).toEqual({ replies: 0, optOuts: 1 });
  });

  it("by a quick reply counts for the message that has the button", async () => {
    const person = await messagedPerson(s);
    const button = { payload: "OPTOUT:c42", text: `Geen ${"x".repeat(100)}` };
    await s.apply(messagesBody([{ from: person.waId, type: "button", button, answers: person.wamid }]));
    const { optOutSource } = await s.contact(person.job);
    expect(optOutSource).toBe(`reply: Geen ${"x".repeat(55)}`);
    expect(await repliesOf(s, person)).toEqual({ replies: 0, optOuts: 1 });
  });

  it("of somebody who was never written to is kept", async () => {
    await s.apply(messagesBody([{ from: "31600000001", text: { body: "afmelden" } }]));
    expect(await s.row("select opt_out_source from contacts where phone = '+31600000001'")).toEqual({
      optOutSource: "reply: afmelden",
    });
  });

  it("leaves an opt-out by other means as it was, and is known by either address", async () => {
    const person = await messagedPerson(s);
    await byHand(person, "opted_out_at = adsapp_now(), opt_out_source = 'telephone'");
    const before = await s.contact(person.job);
    await s.apply(messagesBody([{ from_user_id: "NL.700" }]));
    await s.apply(messagesBody([{ from: person.waId, from_user_id: "NL.700", text: { body: "stop" } }]));
    expect(await s.contact(person.job)).toMatchObject({
      optedOutAt: before.optedOutAt,
      optOutSource: "telephone",
    });
    expect(await s.row("select id from contacts where bsuid = 'NL.700'")).toEqual({ id: person.contactId });
  });

  it("that comes again does not undo what a person has settled since", async () => {
    const person = await messagedPerson(s);
    const body = says(person, "stop");
    await s.apply(body);
    await byHand(person, "opted_out_at = null, opt_out_source = null, opted_in_at = adsapp_now()");
    await s.apply(body);
    expect(await s.contact(person.job)).toMatchObject({ optedOutAt: null });
    await s.apply(says(person, "stop", new Date()));
    expect(await s.contact(person.job)).toMatchObject({ optOutSource: "reply: stop" });
  });

  it("in a word that may mean something else counts only as the answer to marketing", async () => {
    const marketed = await messagedPerson(s);
    const campaign = await makeCampaign(s.database, s.organization, { type: "transactional" });
    const contacts = await makeContacts(s.database, s.organization, 1);
    await makeJobs(s.database, await makeRun(s.database, campaign), { sent: 1 }, { contacts });
    const served = contacts[0] as { id: string; phone: string };
    await s.apply(
      says(marketed, "Cancel"),
      messagesBody([{ from: served.phone.slice(1), text: { body: "Cancel" } }]),
    );
    expect(await s.contact(marketed.job)).toMatchObject({ optOutSource: "reply: Cancel" });
    expect(await s.row("select opted_out_at from contacts where id = $1", [served.id])).toEqual({
      optedOutAt: null,
    });
  });

  it("of a thousand people at once stops them all", async () => {
    const people = await makeContacts(s.database, s.organization, 1_000);
    await s.apply(
      messagesBody(people.map(({ phone }) => ({ from: phone.slice(1), text: { body: "STOP" } }))),
    );
    const ids = people.map(({ id }) => id);
    expect(
      await s.row("select count(*) as n from contacts where id = any ($1) and opted_out_at is not null", [
        ids,
      ]),
    ).toEqual({ n: 1_000 });
  });
});

describe("a START", () => {
  it("opens marketing again after a STOP, also in one batch, and never a block", async () => {
    const person = await messagedPerson(s);
    await byHand(person, "blocked_at = adsapp_now()");
    await s.apply(says(person, "stop", minutesAgo(9)));
    const at = minutesAgo(8);
    await s.apply(says(person, "START", at));
    expect(await s.contact(person.job)).toMatchObject({
      optedOutAt: null,
      optOutSource: null,
      optedInAt: wholeSeconds(at),
      optInSource: "reply: START",
      blockedAt: expect.any(Date),
    });
    const later = minutesAgo(5);
    await s.apply(says(person, "start", later), says(person, "stop", minutesAgo(6)));
    expect(await s.contact(person.job)).toMatchObject({
      optedOutAt: null,
      optedInAt: wholeSeconds(later),
    });
  });

  it("never lifts what a person has written down, in whatever words; nor a STOP that a person has confirmed by hand", async () => {
    const [called, confirmed] = [await messagedPerson(s), await messagedPerson(s)];
    await byHand(called, "opted_out_at = adsapp_now() - interval '10 minutes', opt_out_source = 'telephone'");
    await s.apply(says(confirmed, "stop", minutesAgo(9)));
    await s.database.transaction(operator(s.organization.profileId), (tx) =>
      optOut(tx, s.organization.id, [confirmed.contactId], "letter of a lawyer"),
    );
    await s.apply(says(called, "aanmelden", minutesAgo(5)), says(confirmed, "START", minutesAgo(5)));
    expect(await s.contact(called.job)).toMatchObject({
      optOutSource: "telephone",
      optInSource: "reply: aanmelden",
    });
    expect(await s.contact(confirmed.job)).toMatchObject({ optOutSource: "letter of a lawyer" });
  });

  it("lifts what Meta reported (131050) before it, and not what it reported after", async () => {
    const [before, after] = [await messagedPerson(s), await messagedPerson(s)];
    for (const [person, ago] of [
      [before, 10],
      [after, 1],
    ] as const)
      await byHand(
        person,
        `opted_out_at = adsapp_now() - interval '${ago} minutes', opt_out_source = 'provider: 131050'`,
      );
    await s.apply(says(before, "start", minutesAgo(5)), says(after, "start", minutesAgo(5)));
    expect(await s.contact(before.job)).toMatchObject({ optedOutAt: null });
    expect(await s.contact(after.job)).toMatchObject({ optOutSource: "provider: 131050" });
  });

  it("of the same second as a STOP does not lift it", async () => {
    const person = await messagedPerson(s);
    const at = minutesAgo(3);
    await s.apply(says(person, "stop", at));
    await s.apply(says(person, "start", at));
    expect(await s.contact(person.job)).toMatchObject({ optOutSource: "reply: stop" });
  });

  it("and a STOP that two workers apply at the same time end as they were said", async () => {
    const between = Array.from({ length: 99 }, () => bodyOf([])); // a worker takes a hundred at once
    for (let i = 0; i < 5; i++) {
      const person = await messagedPerson(s);
      const [stop, start] = [says(person, "stop", minutesAgo(5)), says(person, "start", minutesAgo(4))];
      await storeBodies(
        s.database,
        i % 2 === 0 ? [stop, ...between, start] : [start, ...between, stop],
        "test",
      );
      await Promise.all([applyInbox(s.database), applyInbox(s.database)]);
      expect(await s.contact(person.job)).toMatchObject({ optedOutAt: null, optInSource: "reply: start" });
    }
  });
});

describe("a preference", () => {
  it("stop opts out and counts for the last campaign message; resume opens again; neither is a reply", async () => {
    const person = await messagedPerson(s);
    const stop = preferenceBody({ value: "stop", wa_id: person.waId, user_id: "NL.800", at: minutesAgo(9) });
    await s.apply(stop, stop);
    expect(await s.contact(person.job)).toMatchObject({
      bsuid: "NL.800",
      optOutSource: "preferences: User requested to stop marketing messages",
      lastInboundAt: null,
    });
    expect(await repliesOf(s, person)).toEqual({ replies: 0, optOuts: 1 });
    await s.apply(preferenceBody({ value: "resume", user_id: "NL.800", at: minutesAgo(5) }));
    await s.apply(stop);
    expect(await s.contact(person.job)).toMatchObject({ optedOutAt: null, optedInAt: expect.any(Date) });
    expect(await repliesOf(s, person)).toEqual({ replies: 0, optOuts: 1 });
  });
});
