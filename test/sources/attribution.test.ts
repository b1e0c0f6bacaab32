import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { closeConversation } from "../../src/conversations/answer.ts";
import { Database } from "../../src/db/database.ts";
import { worker } from "../../src/db/identity.ts";
import { createSource, listSources, type NewSource, type Source } from "../../src/sources/sources.ts";
import { type Person, type Setup, setup } from "../conversations/setup.ts";
import { makeContacts } from "../support/factories.ts";
import { type MessageGiven, messagedPerson, minutesAgo } from "../webhooks/messages.ts";

let s: Setup;
let poster: Source;

beforeAll(async () => {
  s = await setup();
  poster = await made({ name: "Poster", type: "qr_code", text: "Hoi! Ik heb een vraag" });
});

afterEach(() => s.expectCleanAudit());
afterAll(() => s.end());

const made = (source: NewSource) =>
  s.as(s.organization.profileId, (tx) => createSource(tx, s.organization.id, source));

/** The name of the source that the person's only conversation is counted for. */
async function sourceOf(person: Person): Promise<string | undefined> {
  const { channelSourceId } = await s.conversation(person);
  const found = await s.rows<{ name: string }>("select name from channel_sources where id = $1", [
    channelSourceId,
  ]);
  return found[0]?.name;
}

async function says(given: MessageGiven): Promise<Person> {
  const person = await s.person();
  await s.says(person, given);
  return person;
}

describe("a conversation is counted for", () => {
  it("the source whose code its first message has", async () => {
    const person = await says({ text: { body: `Hoi! Ik heb een vraag [ref: ${poster.code}]` } });
    expect(await sourceOf(person)).toBe("Poster");
  });

  it("the same when people edit the text around the code", async () => {
    const code = poster.code as string;
    const spelling = fc.tuple(
      fc.constantFrom("ref", "REF", "Ref"),
      fc.constantFrom(": ", ":", " ", " : ", "="),
      fc.boolean(),
    );
    const around = fc.tuple(
      fc.constantFrom("", "Hoi ", "Wat kost dat?\n", "zie order 123 "),
      fc.constantFrom("", ".", " graag", "\nGroet, Sanne"),
      fc.constantFrom(["[", "]"], ["", ""], ["(", ")"], ["[", ""]),
    );
    await fc.assert(
      fc.asyncProperty(spelling, around, async ([word, gap, low], [before, after, [opens, closes]]) => {
        const body = `${before}${opens}${word}${gap}${low ? code.toLowerCase() : code}${closes}${after}`;
        const [row] = await s.rows<{ found: boolean }>("select $2 in (select source_codes($1)) as found", [
          body,
          code,
        ]);
        expect([body, row?.found]).toEqual([body, true]);
      }),
      { numRuns: 80 },
    );
  });

  it("nobody's when the code is another tenant's, unknown, or part of a word", async () => {
    const theirs = await s.database.transaction(worker, (tx) =>
      tx.one<{ code: string }>(
        "insert into channel_sources (organization_id, type, name, code) values ($1, 'qr_code', 'Hunne', 'THEIRS') returning code",
        [s.other.id],
      ),
    );
    for (const body of [
      `[ref: ${theirs?.code}]`,
      "[ref: ZZZZZZ]",
      `voorkeurref: x${poster.code}`,
      `href ${poster.code}x`,
    ])
      expect([body, await sourceOf(await says({ text: { body } }))]).toEqual([body, "Direct"]);
  });

  it("the source that takes its ad; of an ad that none takes, for campaigns", async () => {
    await made({ name: "Advertentie", type: "campaign", adIds: ["1202"] });
    const referral = (id: string) => ({ referral: { source_id: id, source_type: "ad" } });
    expect(await sourceOf(await says(referral("1202")))).toBe("Advertentie");
    expect(await sourceOf(await says(referral("9999")))).toBe("Campaigns");
  });

  it("the source that takes the campaign it answers, else for campaigns; by a code before all of these", async () => {
    const { contactId, waId, job, wamid } = await messagedPerson(s);
    const { id: campaignId } = await s.row<{ id: string }>(
      "select campaign_id as id from bulk_message_jobs where id = $1",
      [job.id],
    );
    const person = { id: contactId, waId };
    await s.says(person, { answers: wamid });
    expect(await sourceOf(person)).toBe("Campaigns");
    await made({ name: "Antwoorden", type: "campaign", campaignId });
    const { id } = await s.conversation(person);
    await s.as(s.agentId, (tx) => closeConversation(tx, s.organization.id, id, false));
    await s.says(person, { at: minutesAgo(0) });
    const [, second] = await s.conversations(person);
    expect(await s.row("select name from channel_sources where id = $1", [second?.channelSourceId])).toEqual({
      name: "Antwoorden",
    });
    const again = await messagedPerson(s);
    await s.says(
      { id: again.contactId, waId: again.waId },
      { answers: again.wamid, text: { body: `[ref: ${poster.code}]` } },
    );
    expect(await sourceOf({ id: again.contactId, waId: again.waId })).toBe("Poster");
  });

  it("where it began, whatever is written later", async () => {
    const person = await says({});
    await s.says(person, { text: { body: `[ref: ${poster.code}]` } });
    expect(await sourceOf(person)).toBe("Direct");
  });
});

describe("the counts of sources", () => {
  it("are by the organization's day, and follow a conversation that is moved", async () => {
    const count = async () => {
      const [row] = await s.rows<{ counts: Record<string, number> }>(
        "select daily_counts as counts from channel_sources where id = $1",
        [poster.id],
      );
      return row?.counts ?? {};
    };
    const before = await count();
    const person = await says({ text: { body: `[ref: ${poster.code}]` } });
    const { id, openedOn } = await s.conversation(person);
    expect((await count())[openedOn]).toBe((before[openedOn] ?? 0) + 1);
    const direct = await s.row<{ id: string }>(
      "select id from channel_sources where organization_id = $1 and name = 'Direct'",
      [s.organization.id],
    );
    await s.as(s.agentId, (tx) =>
      tx.run("update conversations set channel_source_id = $2 where id = $1", [id, direct.id]),
    );
    expect(await count()).toEqual(before);
  });

  it("are exact when many are opened at once", async () => {
    const databases = Array.from({ length: 4 }, () => new Database({ url: s.url }));
    const contacts = await makeContacts(s.database, s.organization, 80);
    const source = await made({ name: "Folder", type: "qr_code" });
    try {
      await Promise.all(
        Array.from({ length: 8 }, (_, n) =>
          (databases[n % 4] as Database).transaction(worker, (tx) =>
            tx.run(
              `insert into messages (organization_id, contact_id, direction, type, body, status)
               select $1, c, 'inbound', 'text', 'x [ref: ' || $3 || ']', 'received' from unnest($2::uuid[]) c`,
              [s.organization.id, contacts.slice(n * 10, n * 10 + 10).map(({ id }) => id), source.code],
            ),
          ),
        ),
      );
    } finally {
      for (const database of databases) await database.close();
    }
    const sources = await s.as(s.agentId, (tx) => listSources(tx, s.organization.id));
    expect(sources.find(({ id }) => id === source.id)).toMatchObject({
      conversations: 80,
      recent: 80,
      today: 80,
    });
  });

  it("have their fallbacks under another name where Direct is taken", async () => {
    await s.rows("insert into channel_sources (organization_id, type, name) values ($1, 'api', 'Direct')", [
      s.other.id,
    ]);
    const [contact] = await makeContacts(s.database, s.other, 1);
    await s.rows(
      "insert into messages (contact_id, direction, type, status) values ($1, 'inbound', 'text', 'received')",
      [contact?.id],
    );
    const [row] = await s.rows<{ name: string }>(
      "select s.name from conversations c join channel_sources s on s.id = c.channel_source_id where c.contact_id = $1",
      [contact?.id],
    );
    expect(row?.name).toMatch(/^Direct [0-9a-f]{8}$/);
  });
});
