import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { applyInbox } from "../../src/webhooks/inbox.ts";
import { makeContacts, makeSender } from "../support/factories.ts";
import { messagedPerson, messagesBody, minutesAgo, wholeSeconds } from "./messages.ts";
import { bodyOf, OTHER_NUMBER, type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterEach(() => s.expectCleanAudit());
afterAll(() => s.end());

const contactsBy = (address: string) =>
  s.rows("select * from contacts where $1 in (phone, bsuid) order by organization_id", [address]);
const contactBy = (address: string) => s.row("select * from contacts where $1 in (phone, bsuid)", [address]);
const bodyError = async (body: string) =>
  (await s.row<{ error: string | null }>("select error from webhook_inbox where body = $1", [body])).error;

describe("a message of a person", () => {
  it("is kept under the sender and the contact, with its time and all that it said", async () => {
    const person = await messagedPerson(s);
    const at = minutesAgo(5);
    await s.apply(messagesBody([{ id: "wamid.first", from: person.waId, at, text: { body: "Hoe laat?" } }]));
    expect(await s.message("wamid.first")).toMatchObject({
      organizationId: s.organization.id,
      direction: "inbound",
      status: "received",
      contactId: person.contactId,
      senderId: s.sender.id,
      type: "text",
      body: "Hoe laat?",
      payload: { type: "text", text: { body: "Hoe laat?" } },
      receivedAt: wholeSeconds(at),
      sentAt: null,
      consent: null,
    });
  });

  it("makes a contact of whoever is not known, in the organization whose number it came in for", async () => {
    const contacts = [{ profile: { name: "Noor Bakker" }, wa_id: "31600000001", user_id: "NL.900" }];
    const body = messagesBody([{ from: "31600000001" }], { contacts });
    await s.apply(body, messagesBody([{ from: "31600000001" }], { number: OTHER_NUMBER }));
    const made = await contactsBy("+31600000001");
    expect(made).toHaveLength(2);
    expect(made.find((row) => row.organizationId === s.organization.id)).toMatchObject({
      bsuid: "NL.900",
      waId: "31600000001",
      firstName: "Noor",
      lastName: "Bakker",
      optedInAt: null,
      optedOutAt: null,
    });
    expect(made.find((row) => row.organizationId === s.other.id)).toMatchObject({
      bsuid: null,
      firstName: null,
    });
    expect(await s.row("select organization_id, error from webhook_inbox where body = $1", [body])).toEqual({
      organizationId: s.organization.id,
      error: null,
    });
  });

  it("by phone, by both and by user id alone is one contact, whichever comes first", async () => {
    for (const [phone, bsuid, turned] of [
      ["31600000002", "NL.902", false],
      ["31600000003", "NL.903", true],
    ] as const) {
      const seen = [{ from: phone }, { from: phone, from_user_id: bsuid }, { from_user_id: bsuid }];
      for (const message of turned ? seen.toReversed() : seen) await s.apply(messagesBody([message]));
      const { id } = await contactBy(bsuid);
      expect(await contactBy(`+${phone}`)).toMatchObject({ id, bsuid });
      expect(await s.row("select count(*) as n from messages where contact_id = $1", [id])).toEqual({ n: 3 });
    }
  });

  it("keeps the name and the opt-out of a contact that is known", async () => {
    const [known] = await makeContacts(s.database, s.organization, 1, {
      firstName: "Anna",
      optedOutAt: minutesAgo(9),
    });
    const waId = (known?.phone ?? "").slice(1);
    const contacts = [{ profile: { name: "Annie" }, wa_id: waId, user_id: "NL.905" }];
    await s.apply(messagesBody([{ from: waId }], { contacts }));
    expect(await contactBy("NL.905")).toMatchObject({
      id: known?.id,
      firstName: "Anna",
      optedOutAt: expect.any(Date),
    });
  });

  it("moves no address that another contact has, unless the two are one (same-person.test.ts)", async () => {
    await s.apply(
      messagesBody([{ from: "31600000004", from_user_id: "NL.9031" }]),
      messagesBody([{ from_user_id: "NL.904" }]),
    );
    await s.apply(messagesBody([{ id: "wamid.both", from: "31600000004", from_user_id: "NL.904" }]));
    const byPhone = await contactBy("+31600000004");
    expect(byPhone).toMatchObject({ bsuid: "NL.9031" });
    expect(await contactBy("NL.904")).toMatchObject({ phone: null });
    expect((await s.message("wamid.both")).contactId).toBe(byPhone.id);
  });

  it("opens the window at its own time; an older one, a reaction and one of the future move it nowhere", async () => {
    const person = await messagedPerson(s);
    const at = minutesAgo(10);
    const reaction = { type: "reaction", reaction: { message_id: person.wamid, emoji: "👍" } };
    await s.apply(messagesBody([{ from: person.waId, at }]));
    await s.apply(
      messagesBody([{ from: person.waId, at: minutesAgo(30) }]),
      messagesBody([{ from: person.waId, ...reaction }]),
    );
    expect((await s.contact(person.job)).lastInboundAt).toEqual(wholeSeconds(at));
    await s.apply(messagesBody([{ from: person.waId, at: new Date("2099-01-01T00:00:00Z") }]));
    const { lastInboundAt, now } = await s.row<{ lastInboundAt: Date; now: Date }>(
      "select last_inbound_at, adsapp_now() as now from contacts where id = $1",
      [person.contactId],
    );
    expect(lastInboundAt.getTime()).toBeLessThanOrEqual(now.getTime());
  });

  it("that comes again, or twice at once, changes nothing", async () => {
    const person = await messagedPerson(s);
    const body = messagesBody([{ id: "wamid.again", from: person.waId, at: minutesAgo(3) }]);
    await s.apply(body, body);
    const before = await s.contact(person.job);
    await s.rows("insert into webhook_inbox (body) select $1 from generate_series(1, 300)", [body]);
    await Promise.all([1, 2, 3, 4].map(() => applyInbox(s.database)));
    expect(await s.contact(person.job)).toEqual(before);
    expect(
      await s.row("select count(*) as n from messages where provider_message_id = 'wamid.again'"),
    ).toEqual({ n: 1 });
  });

  it("of an unknown number's news makes no contact", async () => {
    const body = messagesBody([
      { from: "31600000007", type: "system", system: { type: "user_changed_number" } },
    ]);
    await s.apply(body);
    expect(await contactsBy("+31600000007")).toEqual([]);
    expect(await bodyError(body)).toBeNull();
  });
});

describe("a body with messages", () => {
  it("of a number that no sender has is put aside with its error; the statuses beside it count", async () => {
    const person = await messagedPerson(s);
    const stray = JSON.parse(messagesBody([{ from: person.waId }], { number: "999" }));
    const news = JSON.parse(bodyOf([{ id: person.wamid, status: "delivered" }]));
    stray.entry.push(...news.entry);
    const body = JSON.stringify(stray);
    await s.apply(body);
    expect(await bodyError(body)).toBe("1 of 1 messages came in for a number that no sender has");
    expect(await s.job(person.job)).toMatchObject({ status: "delivered" });
  });

  it("of a number that two organizations have is shown to neither, and blocks nothing", async () => {
    const shared = "106540352247777";
    for (const organization of [s.organization, s.other])
      await makeSender(s.database, organization, { name: "shared", phoneNumberId: shared });
    const body = messagesBody([{ id: "wamid.whose", from: "31600000008" }], { number: shared });
    await s.apply(body, messagesBody([{ id: "wamid.ours", from: "31600000009" }]));
    expect(await bodyError(body)).toBe(
      "1 of 1 messages came in for a number that several organizations have",
    );
    expect(await s.rows("select from messages where provider_message_id = 'wamid.whose'")).toEqual([]);
    expect(await contactsBy("+31600000008")).toEqual([]);
    expect(await s.message("wamid.ours")).toMatchObject({ organizationId: s.organization.id });
  });

  it("takes a thousand at once, of people known and new", async () => {
    const messages = Array.from({ length: 1_000 }, (_, i) => ({
      from: `3165${String(i % 500).padStart(7, "0")}`,
    }));
    await s.apply(messagesBody(messages));
    const made = await s.row(
      `select count(distinct c.id) as people, count(*) as messages from contacts c join messages m on m.contact_id = c.id where c.phone like '+3165%'`,
    );
    expect(made).toEqual({ people: 500, messages: 1_000 });
  });
});

describe("the event of a message", () => {
  it("is written where an enabled rule listens, once, and not for a reaction", async () => {
    const person = await messagedPerson(s);
    const events = () =>
      s.rows("select type, data, occurred_at from contact_events where contact_id = $1 order by id", [
        person.contactId,
      ]);
    await s.apply(messagesBody([{ from: person.waId }]));
    expect(await events()).toEqual([]);
    const rule = await s.row<{ id: string }>(
      "insert into automation_rules (organization_id, name, trigger_type, actions) values ($1, 'Gehoord', 'message_received', '[]') returning id",
      [s.organization.id],
    );
    const at = minutesAgo(2);
    const heard = messagesBody([{ id: "wamid.heard", from: person.waId, at, text: { body: "Info?" } }]);
    const reaction = {
      from: person.waId,
      type: "reaction",
      reaction: { message_id: person.wamid, emoji: "👍" },
    };
    await s.apply(heard, heard, messagesBody([reaction]));
    await s.apply(heard);
    expect(await events()).toEqual([
      {
        type: "message_received",
        data: { messageId: "wamid.heard", type: "text", text: "Info?" },
        occurredAt: wholeSeconds(at),
      },
    ]);
    await s.rows("update automation_rules set enabled = false where id = $1", [rule.id]);
    await s.apply(messagesBody([{ from: person.waId }]));
    expect(await events()).toHaveLength(1);
  });
});
