import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { TestJob } from "../support/factories.ts";
import {
  type MessageGiven,
  messagedPerson,
  messagesBody,
  minutesAgo,
  ordersOf,
  type Person,
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

const repliedAt = async (person: Person) => (await s.job(person.job)).repliedAt;

async function sentBefore(person: Person, ago: string): Promise<void> {
  await s.rows("update messages set sent_at = adsapp_now() - $2::interval where provider_message_id = $1", [
    person.wamid,
    ago,
  ]);
}

/** The same person's message of a later broadcast. */
async function another(person: Person): Promise<Person> {
  const [job] = (await s.jobs({ sent: 1 }, { contacts: [{ id: person.contactId }] })) as [TestJob];
  return { ...person, job, wamid: `wamid.${job.messageId}` };
}

describe("a reply", () => {
  it("belongs to the message that it answers, once, at its own time", async () => {
    const first = await messagedPerson(s);
    const second = await another(first);
    const at = minutesAgo(20);
    await s.apply(messagesBody([{ from: first.waId, at, answers: first.wamid }]));
    await s.apply(messagesBody([{ from: first.waId, at: minutesAgo(10), answers: first.wamid }]));
    expect(await repliedAt(first)).toEqual(wholeSeconds(at));
    expect(await repliedAt(second)).toBeNull();
    expect((await s.message(first.wamid)).repliedAt).toEqual(wholeSeconds(at));
    expect(await repliesOf(s, first)).toEqual({ replies: 1, optOuts: 0 });
    expect(await repliesOf(s, second)).toEqual({ replies: 0, optOuts: 0 });
  });

  it("that names no message belongs to the last campaign message before it", async () => {
    const first = await messagedPerson(s);
    const second = await another(first);
    await sentBefore(first, "3 hours");
    await s.apply(messagesBody([{ from: first.waId, at: minutesAgo(150) }]));
    expect(await repliedAt(second)).toBeNull();
    expect(await repliesOf(s, first)).toEqual({ replies: 1, optOuts: 0 });
    await s.apply(messagesBody([{ from: first.waId, at: minutesAgo(5), answers: "wamid.of-nobody" }]));
    expect(await repliesOf(s, second)).toEqual({ replies: 1, optOuts: 0 });
  });

  it("of more than seven days later belongs to none, unless it names it", async () => {
    const person = await messagedPerson(s);
    await sentBefore(person, "7 days 10 minutes");
    await s.apply(messagesBody([{ from: person.waId }]));
    expect(await repliedAt(person)).toBeNull();
    await s.apply(messagesBody([{ from: person.waId, answers: person.wamid }]));
    expect(await repliedAt(person)).not.toBeNull();
  });

  it("to a message of an agent is no reply to a campaign", async () => {
    const person = await messagedPerson(s);
    await s.rows(
      `insert into messages (organization_id, direction, contact_id, sender_id, type, provider_message_id, status, sent_at)
       values ($1, 'outbound', $2, $3, 'text', 'wamid.agent', 'sent', adsapp_now() - interval '5 minutes')`,
      [s.organization.id, person.contactId, s.sender.id],
    );
    await s.apply(messagesBody([{ from: person.waId, answers: "wamid.agent" }]));
    expect(await repliedAt(person)).toBeNull();
    expect((await s.message("wamid.agent")).repliedAt).not.toBeNull();
  });

  it("that names somebody else's message is none to it", async () => {
    const [theirs, person] = [await messagedPerson(s), await messagedPerson(s)];
    await s.apply(messagesBody([{ from: person.waId, answers: theirs.wamid }]));
    expect(await repliedAt(theirs)).toBeNull();
    expect(await repliedAt(person)).not.toBeNull();
  });

  it.each([
    { type: "reaction", reaction: { emoji: "👍" } },
    { type: "system", system: { type: "user_changed_number" } },
    { type: "unsupported" },
    { type: "revoke", revoke: { original_message_id: "wamid.IN1" } },
  ])("is not what %j is", async (message) => {
    const person = await messagedPerson(s);
    await s.apply(messagesBody([{ from: person.waId, answers: person.wamid, ...message }]));
    expect(await repliedAt(person)).toBeNull();
    expect(await repliesOf(s, person)).toEqual({ replies: 0, optOuts: 0 });
  });

  it("in one body with the news of the message itself finds it", async () => {
    const [job] = (await s.jobs({ dispatching: 1 })) as [TestJob];
    const { phone } = await s.contact(job);
    const body = JSON.parse(
      bodyOf([{ id: "wamid.quick", status: "sent", job, at: minutesAgo(2).toISOString() }]),
    );
    const reply = JSON.parse(messagesBody([{ from: String(phone).slice(1), answers: "wamid.quick" }]));
    await s.apply(JSON.stringify({ ...body, entry: [...reply.entry, ...body.entry] }));
    expect((await s.job(job)).repliedAt).not.toBeNull();
  });
});

/** What is known at the end, when the messages come in this order, each in a transaction of its own, and the first one again. */
async function knownAfter(order: readonly MessageGiven[]) {
  const person = await messagedPerson(s);
  const given = order.map((message, i) => ({
    ...message,
    id: `wamid.${person.job.id}.${i}`,
    from: person.waId,
    ...(message.answers === undefined ? {} : { answers: person.wamid }),
  }));
  for (const message of [...given, given[0] as MessageGiven]) await s.apply(messagesBody([message]));
  const { optedOutAt, optOutSource, optedInAt, optInSource, lastInboundAt } = await s.contact(person.job);
  const { repliedAt, optedOutAt: jobOptedOutAt } = await s.job(person.job);
  const message = await s.message(person.wamid);
  return {
    isOptedOut: optedOutAt !== null,
    ...{ optOutSource, optedInAt, optInSource, lastInboundAt, repliedAt, jobOptedOutAt },
    messageRepliedAt: message.repliedAt,
    counters: await repliesOf(s, person),
  };
}

describe("messages of one person", () => {
  const text = (body: string, minutes: number, answers?: string): MessageGiven => ({
    ...{ at: minutesAgo(minutes), text: { body } },
    ...(answers === undefined ? {} : { answers }),
  });

  it.each<{ says: string; messages: MessageGiven[] }>([
    {
      says: "replies alone",
      messages: [text("Hoi", 50, "it"), text("Nog iets", 40), text("En nog iets", 30)],
    },
    { says: "a reply and two times no", messages: [text("Hoi", 50), text("stop", 40), text("afmelden", 30)] },
    { says: "a no after a yes", messages: [text("start", 50), text("stop", 40, "it"), text("Dank je", 30)] },
    {
      says: "a reaction and a no",
      messages: [{ type: "reaction", at: minutesAgo(50) }, text("stop", 40), text("hoi", 30)],
    },
  ])("give the same result in any order, and when they come again: $says", async ({ messages }) => {
    const expected = await knownAfter(messages);
    for (const order of ordersOf(messages)) {
      const known = await knownAfter(order);
      expect({ order, ...known }).toEqual({ order, ...expected });
    }
  });
});
