import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findAgent } from "../../src/conversations/agents.ts";
import {
  assignConversation,
  closeConversation,
  rateConversation,
  reply,
} from "../../src/conversations/answer.ts";
import {
  findConversation,
  listConversations,
  showConversation,
} from "../../src/conversations/conversations.ts";
import { ExitCode } from "../../src/errors.ts";
import { messagedPerson, messagesBody, minutesAgo, wholeSeconds } from "../webhooks/messages.ts";
import { bodyOf } from "../webhooks/setup.ts";
import { type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterEach(() => s.expectCleanAudit());
afterAll(() => s.end());

describe("an agent's answer", () => {
  it("waits in the direct queue of the number that the person wrote to, as the Cloud API takes it", async () => {
    const person = await s.person();
    await s.says(person);
    const id = await s.answers(person, "Ja, morgen om tien uur.");
    expect(await s.row("select * from messages where id = $1", [id])).toMatchObject({
      organizationId: s.organization.id,
      direction: "outbound",
      contactId: person.id,
      senderId: s.sender.id,
      agentId: s.agentId,
      conversationId: (await s.conversation(person)).id,
      type: "text",
      body: "Ja, morgen om tien uur.",
      payload: { type: "text", text: { body: "Ja, morgen om tien uur." } },
      status: "pending",
      providerMessageId: null,
      bulkMessageJobId: null,
    });
  });

  it("takes what is nobody's, is the first response once, and ends the waiting until the person writes again", async () => {
    const person = await s.person();
    await s.says(person);
    await s.answers(person);
    const answered = await s.conversation(person);
    expect(answered).toMatchObject({ status: "assigned", assignedAgentId: s.agentId, waitingSince: null });
    expect(answered.firstResponseAt).toBeInstanceOf(Date);
    await s.says(person, { at: minutesAgo(0) });
    expect((await s.conversation(person)).waitingSince).toBeInstanceOf(Date);
    await s.answers(person, "Nog iets", s.secondAgentId);
    expect(await s.conversation(person)).toMatchObject({
      assignedAgentId: s.agentId,
      firstResponseAt: answered.firstResponseAt,
      waitingSince: null,
    });
  });

  it("that fails is none: the person waits on since they asked, and the next one is the first response", async () => {
    const person = await s.person();
    const asked = wholeSeconds(minutesAgo(30));
    await s.says(person, { at: asked });
    const id = await s.answers(person);
    await s.rows(
      "update messages set status = 'sent', sent_at = adsapp_now(), provider_message_id = $2 where id = $1",
      [id, `wamid.${id}`],
    );
    expect(await s.conversation(person)).toMatchObject({ waitingSince: null });
    await s.apply(bodyOf([{ id: `wamid.${id}`, status: "failed", code: 131047 }]));
    expect(await s.conversation(person)).toMatchObject({
      waitingSince: asked,
      firstResponseAt: null,
      status: "assigned",
    });
    await s.answers(person, "Nog eens");
    expect(await s.conversation(person)).toMatchObject({
      waitingSince: null,
      firstResponseAt: expect.any(Date),
    });
  });

  it("is refused when the window is closed, with when that was, and what to do", async () => {
    const person = await s.person();
    const last = wholeSeconds(minutesAgo(24 * 60 + 5));
    await s.says(person, { at: last });
    await expect(s.answers(person)).rejects.toMatchObject({
      exitCode: ExitCode.Failed,
      message: expect.stringMatching(
        /service window is closed: it ended at 20..-..-.. ..:.. \(Europe\/Amsterdam\)/,
      ),
      hint: expect.stringContaining("template"),
    });
    expect(
      await s.rows("select id from messages where contact_id = $1 and direction = 'outbound'", [person.id]),
    ).toEqual([]);
    expect(await s.conversation(person)).toMatchObject({ status: "open", firstResponseAt: null });
  });

  it("is refused to someone who is blocked, in what is closed, and without text", async () => {
    const person = await s.person();
    await s.says(person);
    const { id } = await s.conversation(person);
    const refused = (text: string) =>
      s
        .as(s.agentId, (tx) => reply(tx, id, text))
        .then(
          () => null,
          ({ exitCode, message }) => ({ exitCode, message }),
        );
    expect(await refused(" \n")).toMatchObject({ exitCode: ExitCode.Usage });
    expect(await refused("x".repeat(4097))).toMatchObject({ exitCode: ExitCode.Usage });
    await s.rows("update contacts set blocked_at = adsapp_now() where id = $1", [person.id]);
    expect(await refused("Hoi")).toMatchObject({
      exitCode: ExitCode.Failed,
      message: expect.stringContaining("blocked"),
    });
    await s.as(s.agentId, (tx) => closeConversation(tx, s.organization.id, id, false));
    expect(await refused("Hoi")).toMatchObject({
      exitCode: ExitCode.Failed,
      message: "the conversation is closed",
    });
  });

  it("reaches someone who wants no marketing: they asked", async () => {
    const person = await s.person();
    await s.says(person);
    await s.rows("update contacts set opted_out_at = adsapp_now() where id = $1", [person.id]);
    await expect(s.answers(person)).resolves.toBeTypeOf("string");
  });
});

describe("a conversation", () => {
  it("is found by its id or its person, open ones first, and never by another tenant", async () => {
    const person = await s.person();
    await s.says(person);
    const { id } = await s.conversation(person);
    const jansen = { ...s.organization, name: "x", timezone: "Europe/Amsterdam", defaultCountry: "NL" };
    for (const word of [id, person.id, `+${person.waId}`, `0${person.waId.slice(2)}`])
      expect((await s.as(s.agentId, (tx) => findConversation(tx, jansen, word))).id).toBe(id);
    const theirs = { ...jansen, ...s.other };
    const lookFor = (word: string) => s.as(s.other.profileId, (tx) => findConversation(tx, theirs, word));
    await expect(lookFor(id)).rejects.toMatchObject({
      message: `conversation "${id}" not found`,
      exitCode: 4,
    });
  });

  it("of somebody who shows neither name nor phone is listed and found by the user id", async () => {
    const user = "NL.2400120865";
    await s.apply(messagesBody([{ from_user_id: user }]));
    const filter = { limit: 100 };
    const listed = await s.as(s.agentId, (tx) => listConversations(tx, s.organization.id, filter));
    const row = listed.find(({ name }) => name === user);
    expect(row).toMatchObject({ phone: null, lastMessage: "Hallo" });
    const jansen = { ...s.organization, name: "x", timezone: "Europe/Amsterdam", defaultCountry: "NL" };
    const found = await s.as(s.agentId, (tx) => findConversation(tx, jansen, user));
    const shown = await s.as(s.agentId, (tx) => showConversation(tx, s.organization.id, found.id));
    expect(shown).toMatchObject({ id: row?.id, name: user, messages: [{ by: user, type: "text" }] });
  });

  it("shows its thread: the campaign's message, the person's, the agent's", async () => {
    const { contactId, waId, wamid } = await messagedPerson(s);
    const person = { id: contactId, waId };
    await s.says(person, { answers: wamid, text: { body: "Hoe laat?" } });
    await s.answers(person, "Om tien uur");
    const { id } = await s.conversation(person);
    const shown = await s.as(s.agentId, (tx) => showConversation(tx, s.organization.id, id));
    expect(shown).toMatchObject({ status: "assigned", agent: "anna@jansen", phone: `+${waId}` });
    expect(shown.messages.map(({ direction, by, body, status }) => [direction, by, body, status])).toEqual([
      ["outbound", expect.stringMatching(/^Campaign /), expect.anything(), "sent"],
      ["inbound", shown.name, "Hoe laat?", "received"],
      ["outbound", "anna@jansen", "Om tien uur", "pending"],
    ]);
  });

  it("is listed by status, agent and waiting, whoever waits longest first", async () => {
    const [first, second] = [await s.person(), await s.person()];
    await s.says(second, { at: minutesAgo(500) });
    await s.says(first, { at: minutesAgo(400) });
    const list = async (filter: object) =>
      (
        await s.as(s.agentId, (tx) => listConversations(tx, s.organization.id, { limit: 1000, ...filter }))
      ).map(({ phone }) => phone);
    expect(
      (await list({ waiting: true })).filter((phone) =>
        [`+${first.waId}`, `+${second.waId}`].includes(phone as string),
      ),
    ).toEqual([`+${second.waId}`, `+${first.waId}`]);
    await s.answers(second);
    expect(await list({ waiting: true })).not.toContain(`+${second.waId}`);
    expect(await list({ agentId: "none" })).not.toContain(`+${second.waId}`);
    expect(await list({ agentId: s.agentId, statuses: ["assigned"] })).toContain(`+${second.waId}`);
    expect(await list({ agentId: s.secondAgentId, statuses: ["assigned"] })).not.toContain(`+${second.waId}`);
  });

  it("goes to an agent, never to a viewer, a stranger or when closed", async () => {
    const person = await s.person();
    await s.says(person);
    const { id } = await s.conversation(person);
    const assign = (word: string) =>
      s.as(s.agentId, async (tx) =>
        assignConversation(tx, s.organization.id, id, await findAgent(tx, s.organization.id, word)),
      );
    await assign("bas@jansen");
    expect(await s.conversation(person)).toMatchObject({
      status: "assigned",
      assignedAgentId: s.secondAgentId,
    });
    await expect(assign(s.organization.viewerId)).rejects.toMatchObject({ exitCode: ExitCode.Failed });
    await expect(assign(s.other.profileId)).rejects.toMatchObject({ exitCode: ExitCode.NotFound });
    await s.as(s.agentId, (tx) => closeConversation(tx, s.organization.id, id, false));
    await expect(assign("anna@jansen")).rejects.toMatchObject({ exitCode: ExitCode.Failed });
  });

  it("is rated once", async () => {
    const person = await s.person();
    await s.says(person);
    const { id } = await s.conversation(person);
    const rate = (score: number) =>
      s.as(s.agentId, (tx) => rateConversation(tx, s.organization.id, id, score, "vlot"));
    await rate(4);
    await expect(rate(5)).rejects.toMatchObject({ exitCode: ExitCode.Failed });
    await expect(rate(6)).rejects.toMatchObject({ exitCode: ExitCode.Usage });
    const ratings = await s.rows(
      "select score, comment, rated_by from satisfaction_ratings where conversation_id = $1",
      [id],
    );
    expect(ratings).toEqual([{ score: 4, comment: "vlot", ratedBy: s.agentId }]);
  });
});
