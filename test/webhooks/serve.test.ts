import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { owner, worker } from "../../src/db/identity.ts";
import { startReceiver } from "../../src/webhooks/serve.ts";
import { signBody } from "../../src/webhooks/signature.ts";
import { changeBody, messagesBody } from "./messages.ts";
import { APP_SECRET, type Serving, serveWebhooks, VERIFY_TOKEN } from "./serving.ts";
import { NUMBER, OTHER_NUMBER, type Setup, setup } from "./setup.ts";

let s: Setup;
let server: Serving;

beforeAll(async () => {
  s = await setup();
  await s.rows(
    "update senders set app_secret_env = 'THEIR_SECRET', waba_id = '77' where phone_number_id = $1",
    [OTHER_NUMBER],
  );
  server = await serveWebhooks(s.url, { THEIR_SECRET: "theirs" });
});

afterAll(async () => {
  await server.end();
  await s.end();
});

beforeEach(() => s.database.transaction(owner, (tx) => tx.run("delete from webhook_inbox")));

const kept = async () =>
  (await s.rows<{ body: string }>("select body from webhook_inbox order by id")).map(({ body }) => body);

/** The reference's test vector (§5.2): Meta escapes what is not ASCII, so that re-serialised JSON has another hash. */
const BODY =
  '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Zo\\u00eb"},"wa_id":"31612345678"}],"messages":[{"from":"31612345678","id":"wamid.TEST1","timestamp":"1749416383","type":"text","text":{"body":"stop \\ud83d\\ude4f"}}]},"field":"messages"}]}]}';
const SIGNATURE = "sha256=1cb6872b5086887f29891d63714cd4e4ed91999cbaf39e867f56457ef5937214";

describe("verification", () => {
  const ask = (token: string, mode = "subscribe") =>
    fetch(`${server.url}/webhook?hub.mode=${mode}&hub.challenge=1158201444&hub.verify_token=${token}`);

  it("answers the challenge as it is to who knows the token", async () => {
    const answer = await ask(VERIFY_TOKEN);
    expect([answer.status, await answer.text()]).toEqual([200, "1158201444"]);
  });

  it("tells nobody else", async () => {
    expect((await ask("another")).status).toBe(403);
    expect((await ask(VERIFY_TOKEN, "unsubscribe")).status).toBe(403);
    expect((await fetch(`${server.url}/webhook`)).status).toBe(403);
  });
});

describe("a body", () => {
  it("is stored as it came, and then answered with 200", async () => {
    const answer = await server.post(BODY, SIGNATURE);
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
    expect(await kept()).toEqual([BODY]);
  });

  it.each([
    ["without a signature", BODY, null],
    ["with another body's signature", BODY, signBody("{}", APP_SECRET)],
    ["with a signature that is cut off", BODY, SIGNATURE.slice(0, -2)],
    ["that was parsed and written again", JSON.stringify(JSON.parse(BODY)), SIGNATURE],
    ["signed with another secret", BODY, signBody(BODY, "guessed")],
  ])("%s is refused, and nothing is kept", async (_what, body, signature) => {
    expect((await server.post(body, signature)).status).toBe(401);
    expect(await kept()).toEqual([]);
  });

  it("larger than Meta's is refused before anybody looks into it", async () => {
    const large = Buffer.alloc(4 * 1024 * 1024 + 1, "x");
    expect((await server.post(large)).status).toBe(413);
    expect(await kept()).toEqual([]);
  });

  it("that says to be endless is refused at its head", async () => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write("POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n");
    const [answer] = await new Promise<Buffer[]>((resolve) =>
      socket.once("data", (chunk) => resolve([chunk])),
    );
    socket.destroy();
    expect(String(answer)).toMatch(/^HTTP\/1\.1 413 /);
  });

  it("of no known kind is kept all the same", async () => {
    for (const body of ["not JSON", '{"object":"page"}', `{"a":"\u0000"}`, ""])
      expect((await server.post(body)).status).toBe(200);
    expect(await kept()).toHaveLength(4);
  });
});

describe("a sender's own secret", () => {
  const signed = (body: string) => server.post(body, signBody(body, "theirs"));

  it("signs for its numbers", async () => {
    expect((await signed(messagesBody([{ from: "31612345678" }], { number: OTHER_NUMBER }))).status).toBe(
      200,
    );
  });

  it("signs for nobody else's, and for nothing that names no number", async () => {
    expect((await signed(messagesBody([{ from: "31612345678" }], { number: NUMBER }))).status).toBe(401);
    expect(
      (
        await signed(
          '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"account_update","value":{}}]}]}',
        )
      ).status,
    ).toBe(401);
    expect(await kept()).toEqual([]);
  });

  it.each([
    ["a NUL, which is taken out before it is stored", `${messagesBody([{ from: "31612345678" }])}\u0000`],
    [
      "the own number beside news of another's account",
      changeBody("account_update", { event: "ACCOUNT_DELETED" }, OTHER_NUMBER),
    ],
    [
      "the own account around news of another's",
      '{"object":"whatsapp_business_account","entry":[{"id":"77","changes":[{"field":"account_update","value":{"event":"PARTNER_REMOVED","waba_info":{"waba_id":"1"}}}]}]}',
    ],
  ])("does not speak for others by %s", async (_what, body) => {
    expect((await signed(body)).status).toBe(401);
    expect(await kept()).toEqual([]);
  });
});

describe("the server", () => {
  it("knows its paths and methods", async () => {
    expect((await fetch(`${server.url}/elsewhere`)).status).toBe(404);
    expect((await fetch(`${server.url}/webhook`, { method: "PUT" })).status).toBe(405);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });

  it("has stored what it answered, whatever kills it", async () => {
    const doomed = await serveWebhooks(s.url);
    const answered: string[] = [];
    const posts = Array.from({ length: 300 }, async (_, n) => {
      const body = `{"n":${n}}`;
      const answer = await doomed.post(body).catch(() => undefined);
      if (answer?.status === 200) answered.push(body);
      if (answered.length === 100) void doomed.end("SIGKILL");
    });
    await Promise.all(posts);
    expect(answered.length).toBeGreaterThanOrEqual(100);
    expect(await kept()).toEqual(expect.arrayContaining(answered));
  });

  it("ends with 0 on TERM", async () => {
    const other = await serveWebhooks(s.url);
    expect((await other.post(BODY)).status).toBe(200);
    expect(await other.end()).toBe(0);
  });

  it("says 503 while the database is away, so that Meta sends it again", async () => {
    const database = new Database({ url: "postgresql://nobody@127.0.0.1:1/nothing" });
    const receiver = await startReceiver({
      database,
      env: {},
      port: 0,
      appSecret: APP_SECRET,
      verifyToken: undefined,
    });
    const url = `http://127.0.0.1:${receiver.port}`;
    const headers = { "x-hub-signature-256": SIGNATURE };
    expect((await fetch(`${url}/webhook`, { method: "POST", headers, body: BODY })).status).toBe(503);
    expect((await fetch(`${url}/healthz`)).status).toBe(503);
    await receiver.close();
  });
});

it("what is stored is applied by the next tick", async () => {
  await server.post(BODY, SIGNATURE);
  await s.apply();
  const [row] = await s.database.transaction(worker, (tx) =>
    tx.query<{ error: string | null; processed: boolean }>(
      "select error, processed_at is not null as processed from webhook_inbox",
    ),
  );
  expect(row).toEqual({ error: null, processed: true });
  await s.expectCleanAudit();
});
