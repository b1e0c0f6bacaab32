import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { closeConversation } from "../../src/conversations/answer.ts";
import { Database } from "../../src/db/database.ts";
import { operator, worker } from "../../src/db/identity.ts";
import { messagesBody, minutesAgo, wholeSeconds } from "../webhooks/messages.ts";
import { type Person, type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterEach(() => s.expectCleanAudit());
afterAll(() => s.end());

const close = async (person: Person) => {
  const open = (await s.conversations(person)).find(({ resolvedAt }) => resolvedAt === null);
  await s.as(s.agentId, (tx) => closeConversation(tx, s.organization.id, open?.id as string, false));
};

describe("a message from a person", () => {
  it("opens a conversation that waits since it was written", async () => {
    const person = await s.person();
    const at = wholeSeconds(minutesAgo(7));
    await s.says(person, { at });
    expect(await s.conversation(person)).toMatchObject({
      status: "open",
      openedAt: at,
      waitingSince: at,
      assignedAgentId: null,
      firstResponseAt: null,
      resolvedAt: null,
    });
  });

  it("joins the open one, and a whole body of messages opens one a person", async () => {
    const [first, second] = [await s.person(), await s.person()];
    await s.apply(messagesBody([first, second, first, first].map(({ waId }) => ({ from: waId }))));
    await s.says(first);
    for (const [person, messages] of [
      [first, 4],
      [second, 1],
    ] as const) {
      const { id } = await s.conversation(person);
      const linked = await s.rows("select id from messages where conversation_id = $1", [id]);
      expect(linked).toHaveLength(messages);
    }
  });

  it("that comes late, in any order, moves the opening back", async () => {
    const person = await s.person();
    const [early, late] = [wholeSeconds(minutesAgo(9)), wholeSeconds(minutesAgo(3))];
    await s.says(person, { at: late });
    await s.says(person, { at: early });
    expect(await s.conversation(person)).toMatchObject({ openedAt: early, waitingSince: early });
  });

  it("after the closing opens another one", async () => {
    const person = await s.person();
    await s.says(person, { at: minutesAgo(9) });
    await close(person);
    await s.says(person, { at: minutesAgo(1) });
    const statuses = (await s.conversations(person)).map(({ status }) => status);
    expect(statuses).toEqual(["closed", "open"]);
  });

  it("that came twice opens nothing the second time", async () => {
    const person = await s.person();
    await s.says(person, { id: "wamid.twice" });
    await close(person);
    await s.says(person, { id: "wamid.twice" });
    expect((await s.conversation(person)).status).toBe("closed");
  });

  it.each([
    ["a STOP", { text: { body: "STOP" } }],
    ["a reaction", { type: "reaction", reaction: { message_id: "wamid.x", emoji: "x" } }],
    ["news of a number", { type: "system", system: { type: "user_changed_number", body: "x" } }],
    ["what Meta cannot show", { type: "unsupported", errors: [{ code: 131051 }] }],
  ])("that is %s opens none", async (_what, given) => {
    const person = await s.person();
    await s.says(person, given);
    expect(await s.conversations(person)).toEqual([]);
  });

  it("opens one whoever wrote the row: plain SQL without an organization too", async () => {
    const person = await s.person();
    await s.rows(
      "insert into messages (contact_id, direction, type, body, status) values ($1, 'inbound', 'text', 'Hoi', 'received')",
      [person.id],
    );
    expect((await s.conversation(person)).status).toBe("open");
  });
});

it("two contacts that turn out to be one person wait in one conversation, since the earlier question", async () => {
  const person = await s.person();
  const user = "NL.13491208655302741918";
  const asked = wholeSeconds(minutesAgo(9));
  await s.apply(messagesBody([{ from_user_id: user, at: asked }]));
  const [other] = await s.rows<{ id: string }>("select id from contacts where bsuid = $1", [user]);
  await s.says(person, { at: minutesAgo(5) });
  const about = [{ wa_id: person.waId, user_id: user }];
  await s.apply(messagesBody([{ from: person.waId, from_user_id: user }], { contacts: about }));
  const all = [
    ...(await s.conversations(person)),
    ...(await s.conversations({ id: other?.id as string, waId: "" })),
  ];
  const open = all.filter(({ resolvedAt }) => resolvedAt === null);
  expect(open).toMatchObject([{ waitingSince: asked }]);
  expect(all).toHaveLength(2);
});

it("two connections at once open one conversation, and a closing at that moment loses no message", async () => {
  const people: Person[] = [];
  for (let n = 0; n < 8; n++) people.push(await s.person());
  const write = (database: Database, turn: number) =>
    database.transaction(worker, (tx) =>
      tx.run(
        `insert into messages (organization_id, contact_id, direction, type, body, status, provider_message_id)
         select $1, p.id, 'inbound', 'text', 'Hoi', 'received', 'race.' || $3 || p.id from unnest($2::uuid[]) p(id)`,
        [s.organization.id, people.map(({ id }) => id), turn],
      ),
    );
  const second = new Database({ url: s.url });
  const third = new Database({ url: s.url });
  try {
    await write(s.database, 0);
    for (let turn = 1; turn <= 6; turn++) {
      await Promise.all([
        write(s.database, turn * 2),
        write(second, turn * 2 + 1),
        third.transaction(operator(s.agentId), (tx) =>
          tx.run(
            "update conversations set status = 'closed' where contact_id = any ($1) and resolved_at is null",
            [people.map(({ id }) => id)],
          ),
        ),
      ]);
    }
  } finally {
    await second.close();
    await third.close();
  }
  const strays = await s.rows(
    "select id from messages where contact_id = any ($1) and conversation_id is null",
    [people.map(({ id }) => id)],
  );
  expect(strays).toEqual([]);
  for (const person of people) {
    const open = (await s.conversations(person)).filter(({ resolvedAt }) => resolvedAt === null);
    expect(open.length).toBeLessThanOrEqual(1);
  }
});
