import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { closeConversation, rateConversation } from "../../src/conversations/answer.ts";
import { operator } from "../../src/db/identity.ts";
import { setOrganization } from "../../src/organizations/settings.ts";
import { messagesBody, minutesAgo } from "../webhooks/messages.ts";
import { OTHER_NUMBER, type Person, type Setup, setup, tap } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterEach(() => s.expectCleanAudit());
afterAll(() => s.end());

async function closed({ wish, at = minutesAgo(5) }: { wish?: boolean; at?: Date } = { wish: true }) {
  const person = await s.person();
  await s.says(person, { at });
  const { id } = await s.conversation(person);
  const result = await s.as(s.agentId, (tx) => closeConversation(tx, s.organization.id, id, wish));
  return { person, id, ...result };
}

const ratings = (id: string) =>
  s.rows<{ score: number }>(
    "select score, rated_by, comment from satisfaction_ratings where conversation_id = $1",
    [id],
  );
const statuses = async (person: Person) => (await s.conversations(person)).map(({ status }) => status);

describe("closing with a survey", () => {
  it("asks by a list of five, that no agent is counted for", async () => {
    const { person, surveyId } = await closed();
    const sent = await s.row<{
      payload: { interactive: { action: { sections: { rows: { id: string }[] }[] } } };
    }>("select * from messages where id = $1", [surveyId]);
    const { id } = await s.conversation(person);
    expect(sent).toMatchObject({
      type: "interactive",
      status: "pending",
      agentId: null,
      body: "Hoe hebben we u geholpen?",
    });
    expect(sent.payload.interactive.action.sections[0]?.rows.map((row) => row.id)).toEqual(
      [5, 4, 3, 2, 1].map((n) => `RATE:${id}:${n}`),
    );
    expect(await s.conversation(person)).toMatchObject({ status: "closed", firstResponseAt: null });
  });

  it("closes without one when the window is closed, and says why", async () => {
    const { person, surveyId, withoutSurvey } = await closed({ wish: true, at: minutesAgo(25 * 60) });
    expect([surveyId, withoutSurvey]).toEqual([null, expect.stringContaining("service window")]);
    expect(await statuses(person)).toEqual(["closed"]);
  });

  it("is the rule where the organization has it so, with --no-survey as the exception", async () => {
    expect((await closed({})).surveyId).toBeNull();
    const set = (survey: "always" | "never") =>
      s.database.transaction(operator(s.organization.profileId), (tx) =>
        setOrganization(tx, s.organization.id, { survey }),
      );
    expect((await set("always")).survey).toBe("always");
    expect((await closed({})).surveyId).not.toBeNull();
    expect((await closed({ wish: false })).surveyId).toBeNull();
    expect((await set("never")).survey).toBe("never");
  });
});

describe("a tap on the survey", () => {
  it("is the rating, once, and opens no conversation", async () => {
    const { person, id } = await closed();
    await s.says(person, tap(id, 4));
    await s.says(person, tap(id, 1));
    expect(await ratings(id)).toEqual([{ score: 4, ratedBy: null, comment: null }]);
    expect(await statuses(person)).toEqual(["closed"]);
  });

  it("replaces what an agent typed in, and stays", async () => {
    const { person, id } = await closed();
    await s.as(s.agentId, (tx) => rateConversation(tx, s.organization.id, id, 5, "denk ik"));
    await s.says(person, tap(id, 2));
    expect(await ratings(id)).toEqual([{ score: 2, ratedBy: null, comment: null }]);
    await expect(
      s.as(s.agentId, (tx) => rateConversation(tx, s.organization.id, id, 5, "")),
    ).rejects.toMatchObject({ exitCode: 1 });
  });

  it("of another person, another tenant, a random id or a figure that is none writes nothing", async () => {
    const { person, id } = await closed();
    const stranger = await s.person();
    await s.says(stranger, tap(id, 1));
    await s.apply(messagesBody([{ from: person.waId, ...tap(id, 1) }], { number: OTHER_NUMBER }));
    for (const [conversation, score] of [
      ["00000000-0000-4000-8000-000000000000", 1],
      ["x'; drop table conversations", 1],
      [id, 6],
      [id, 0],
      [id, "5; --"],
      [id, ""],
    ] as const)
      await s.says(person, tap(conversation, score));
    expect(await ratings(id)).toEqual([]);
    expect(
      await s.rows("select id from satisfaction_ratings where organization_id = $1", [s.other.id]),
    ).toEqual([]);
    expect(await s.rows("select id from webhook_inbox where error is not null")).toEqual([]);
    expect(await s.conversations(stranger)).toEqual([]);
  });
});
