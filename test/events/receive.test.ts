import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeWorld, type World } from "../cli/world.ts";
import { makeContacts } from "../support/factories.ts";
import { type Serving, serveWebhooks } from "../webhooks/serving.ts";

let w: World;
let server: Serving;
let organizationId: string;
let token: string;
let phone: string;

beforeAll(async () => {
  w = await makeWorld();
  organizationId = (await w.json<{ id: string }>(["org", "create", "Bakkerij Jansen", "--slug", "jansen"]))
    .id;
  const [contact] = await makeContacts(w.database, { id: organizationId }, 1);
  phone = contact?.phone as string;
  token = (await w.json<{ token: string }>("org token create webshop")).token;
  server = await serveWebhooks(w.url);
});

afterAll(async () => {
  await server.end();
  await w.end();
});

const events = () =>
  w.database.transaction({ role: "worker" }, (tx) =>
    tx.query<{ type: string; name: string; eventId: string | null }>(
      "select type, name, event_id from contact_events order by id",
    ),
  );

describe("POST /events", () => {
  it("stores an event, and the same one again changes nothing", async () => {
    const event = { event: "purchased", contact: phone, data: { total: 25 }, eventId: "order-1" };
    const first = await server.postEvents(event, token);
    expect([first.status, await first.json()]).toEqual([202, { stored: 1, duplicates: 0, unknown: [] }]);
    const second = await server.postEvents(event, token);
    expect([second.status, await second.json()]).toEqual([202, { stored: 0, duplicates: 1, unknown: [] }]);
    expect(await events()).toEqual([{ type: "custom_event", name: "purchased", eventId: "order-1" }]);
  });

  it("takes a list, of both kinds, and says whom the organization does not know", async () => {
    const list = [
      { event: "signed_up", contact: phone, type: "api", eventId: "a" },
      { event: "signed_up", contact: "+31687654321", eventId: "b" },
    ];
    const answer = await server.postEvents(list, token);
    expect([answer.status, await answer.json()]).toEqual([202, { stored: 1, duplicates: 0, unknown: [1] }]);
    expect((await events()).at(-1)).toEqual({ type: "api", name: "signed_up", eventId: "a" });
  });

  it.each([
    ["what is no JSON", "{", "the body is no JSON"],
    ["an empty list", [], "the list is empty"],
    ["a thousand and one", Array.from({ length: 1001 }, () => ({})), "more than 1000 events in one request"],
  ])("refuses %s", async (_what, body, error) => {
    const answer = await server.postEvents(body, token);
    expect([answer.status, await answer.json()]).toEqual([400, { error }]);
  });

  it("stores none of a list where one is wrong, and says which and why", async () => {
    const before = await events();
    const good = { event: "e", contact: phone };
    const answer = await server.postEvents([good, { ...good, evnt: 1 }, { ...good, type: "x" }, 7], token);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      error: "nothing was stored",
      events: [
        { event: 1, reason: "evnt is not a known field; did you mean event?" },
        { event: 2, reason: "type must be custom_event or api" },
        { event: 3, reason: "is no JSON object" },
      ],
    });
    expect(await events()).toEqual(before);
  });

  it("tells nothing to who has no token, another's word, or a revoked one", async () => {
    const event = { event: "e", contact: phone };
    const answers = [await server.postEvents(event), await server.postEvents("{", "adsapp_guess")];
    const other = (await w.json<{ token: string }>("org token create other")).token;
    await w.adsapp("org token revoke other --yes");
    answers.push(await server.postEvents(event, other));
    for (const answer of answers)
      expect([answer.status, await answer.json()]).toEqual([401, { error: "no token that is in use here" }]);
  });
});

describe("org token", () => {
  it("lists names and uses, never the token", async () => {
    const { stdout } = await w.adsapp("org token list --format json");
    expect(JSON.parse(stdout)).toMatchObject([
      { name: "webshop", lastUsedAt: expect.any(String), revokedAt: null },
      { name: "other", revokedAt: expect.any(String) },
    ]);
    expect(stdout).not.toContain(token);
  });

  it("keeps no token, only its hash", async () => {
    const [row] = await w.database.transaction({ role: "worker" }, (tx) =>
      tx.query<{ text: string }>("select t::text as text from organization_tokens t where name = 'webshop'"),
    );
    expect(row?.text).not.toContain(token.slice(7));
  });

  it("has one of a name in use, and refuses what it does not know", async () => {
    expect(await w.adsapp("org token create webshop")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('there is a token "webshop" already'),
    });
    expect(await w.adsapp("org token revoke nothing --yes")).toMatchObject({ exitCode: 4 });
    expect(await w.adsapp("org token create")).toMatchObject({
      exitCode: 2,
      stderr: "error: which token?\nadsapp org token create NAME\n",
    });
  });

  it("is made and ended by admins alone", async () => {
    await w.adsapp("user add bas@jansen.example --role agent");
    expect(await w.adsapp("org token create mine --as bas@jansen.example")).toMatchObject({ exitCode: 5 });
    expect(await w.adsapp("org token revoke webshop --yes --as bas@jansen.example")).toMatchObject({
      exitCode: 5,
    });
  });
});
