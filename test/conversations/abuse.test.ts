import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { operator } from "../../src/db/identity.ts";
import { type Conversation, type Setup, setup } from "./setup.ts";

let s: Setup;
let mine: Conversation;

beforeAll(async () => {
  s = await setup();
  const person = await s.person();
  await s.says(person);
  mine = await s.conversation(person);
});

afterEach(() => s.expectCleanAudit());
afterAll(() => s.end());

const outbound = () => s.rows("select id from messages where direction = 'outbound'");
const attempt = (profileId: string, sql: string, parameters: unknown[]) =>
  s
    .as(profileId, (tx) => tx.query(sql, parameters))
    .then(
      () => "done",
      (error: { code: string }) => error.code,
    );

describe("writing in a conversation", () => {
  it.each(["reply_in_conversation($1, 'Hoi')", "survey_conversation($1, 'Hoe was het?', 'Kies')"])(
    "by %s is for its organization's agents alone: another tenant, a viewer and nobody write nothing",
    async (call) => {
      const before = (await outbound()).length;
      const sql = `select ${call}`;
      expect(await attempt(s.other.profileId, sql, [mine.id])).toBe("P0002");
      expect(await attempt(s.organization.viewerId, sql, [mine.id])).toBe("42501");
      expect(await attempt("00000000-0000-4000-8000-000000000000", sql, [mine.id])).toBe("P0002");
      expect(await attempt(s.agentId, sql, ["00000000-0000-4000-8000-000000000000"])).toBe("P0002");
      expect((await outbound()).length).toBe(before);
    },
  );

  it("answers a stranger's id exactly as a random one", async () => {
    const said = (id: string) =>
      s
        .as(s.other.profileId, (tx) => tx.query("select reply_in_conversation($1, 'Hoi')", [id]))
        .then(
          () => "done",
          ({ code, message }: { code: string; message: string }) => [code, message.replace(id, "…")],
        );
    expect(await said(mine.id)).toEqual(await said("00000000-0000-4000-8000-000000000000"));
  });

  it("has no other way: not the inner function, not the table, not a request of one's own", async () => {
    const before = (await outbound()).length;
    const inner = "select write_in_conversation($1, $2, 'text', 'x', '{\"to\": \"+31600000000\"}')";
    expect(await attempt(s.agentId, inner, [mine.id, s.secondAgentId])).toBe("42501");
    const insert =
      "insert into messages (organization_id, direction, contact_id, type, status) values ($1, 'outbound', $2, 'text', 'pending')";
    expect(await attempt(s.agentId, insert, [s.organization.id, mine.contactId])).toBe("42501");
    expect(await attempt(s.agentId, "select mark_agent_days(array[$1::uuid], '{}', '{}')", [mine.id])).toBe(
      "42501",
    );
    expect((await outbound()).length).toBe(before);
  });

  it("keeps what a text holds a text", async () => {
    const text = '"}, "type": "template", "to": "+31600000000", "x": {"';
    const [row] = await s.as(s.agentId, (tx) =>
      tx.query<{ id: string }>("select reply_in_conversation($1, $2) as id", [mine.id, text]),
    );
    const { payload } = await s.row<{ payload: object }>("select payload from messages where id = $1", [
      row?.id,
    ]);
    expect(payload).toEqual({ type: "text", text: { body: text } });
  });
});

describe("what agents are judged by", () => {
  it.each([
    ["update conversations set first_response_at = opened_at where id = $1"],
    ["update conversations set resolved_at = opened_at, status = 'closed' where id = $1"],
    ["update conversations set waiting_since = null where id = $1"],
    ["update satisfaction_ratings set score = 5 where conversation_id = $1"],
    [
      "insert into agent_sessions (online_at) select opened_at - interval '1 day' from conversations where id = $1",
    ],
    ["insert into agent_sessions (agent_id) select assigned_agent_id from conversations where id = $1"],
    ["update agent_performance_metrics set messages_sent = 100 where agent_id <> $1"],
    ["delete from agent_days_due where agent_id <> $1"],
  ])("is not theirs to write: %s", async (sql) => {
    expect(await attempt(s.agentId, sql, [mine.id])).toBe("42501");
  });

  it("a session ends now, whatever time is written, and only one's own unless one is an admin", async () => {
    await s.as(s.agentId, (tx) =>
      tx.run("insert into agent_sessions (organization_id) values ($1)", [s.organization.id]),
    );
    const end = (profileId: string) =>
      s.database.transaction(operator(profileId), (tx) =>
        tx.run(
          "update agent_sessions set offline_at = adsapp_now() + interval '9 hours' where agent_id = $1 and offline_at is null",
          [s.agentId],
        ),
      );
    expect(await end(s.secondAgentId)).toBe(0);
    expect(await end(s.other.profileId)).toBe(0);
    expect(await end(s.organization.profileId)).toBe(1);
    const session = await s.row<{ isPast: boolean }>(
      "select offline_at <= adsapp_now() as is_past from agent_sessions where agent_id = $1",
      [s.agentId],
    );
    expect(session.isPast).toBe(true);
  });

  it("a closed conversation stays closed", async () => {
    const person = await s.person();
    await s.says(person);
    const { id } = await s.conversation(person);
    await s.as(s.agentId, (tx) => tx.run("update conversations set status = 'closed' where id = $1", [id]));
    expect(await attempt(s.agentId, "update conversations set status = 'open' where id = $1", [id])).toBe(
      "55000",
    );
    expect(await s.conversation(person)).toMatchObject({ status: "closed", assignedAgentId: s.agentId });
  });
});
