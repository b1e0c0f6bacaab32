// What strangers and Meta post to `adsapp webhook serve`, a process of its own: stored whole, or refused without a trace.
import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { expect } from "vitest";
import { operator } from "../../src/db/identity.ts";
import { createToken } from "../../src/organizations/tokens.ts";
import { applyInbox } from "../../src/webhooks/inbox.ts";
import { signBody } from "../../src/webhooks/signature.ts";
import { APP_SECRET, type Serving, serveWebhooks } from "../webhooks/serving.ts";
import { countOf, type Doors, eventLine } from "./changes.ts";
import { webhookBody } from "./front-doors.ts";

type Signed = "right" | "of another body" | "by another secret" | "cut short" | "not at all";

const SIGNATURES: Record<Signed, (body: string) => string | null> = {
  right: (body) => signBody(body, APP_SECRET),
  "of another body": (body) => signBody(`${body} `, APP_SECRET),
  "by another secret": (body) => signBody(body, randomBytes(16).toString("hex")),
  "cut short": (body) => signBody(body, APP_SECRET).slice(0, -2),
  "not at all": () => null,
};

const post = fc.record({
  body: fc.oneof({ weight: 9, arbitrary: webhookBody }, { weight: 1, arbitrary: fc.constant("") }),
  signed: fc.constantFrom(...(Object.keys(SIGNATURES) as Signed[]), "right", "right", "right"),
});

/** Posts at the same time: 200 and one row of the inbox for each that is signed rightly, 401 and nothing for the others. */
export const postsDoor = (doors: Doors, server: Serving) =>
  fc.asyncProperty(fc.array(post, { minLength: 1, maxLength: 8 }), async (posts) => {
    const stored = await countOf(doors, "webhook_inbox");
    const answers = await Promise.all(
      posts.map(({ body, signed }) => server.post(body, SIGNATURES[signed](body))),
    );
    expect(answers.map(({ status }) => status)).toEqual(
      posts.map(({ signed }) => (signed === "right" ? 200 : 401)),
    );
    const rightly = posts.filter(({ signed }) => signed === "right");
    expect(await countOf(doors, "webhook_inbox")).toBe(stored + rightly.length);
    await applyInbox(doors.database);
    expect(await countOf(doors, "webhook_inbox where processed_at is null and error is null")).toBe(0);
  });

const eventsPost = fc.oneof(
  eventLine,
  fc.array(eventLine, { maxLength: 6 }).map((lines) => `[${lines.join(",")}]`),
);

/** Events of an organization's own programs: 202 and what it says was stored, or a refusal and nothing. */
export const eventPostsDoor = (doors: Doors, server: Serving, token: string) =>
  fc.asyncProperty(eventsPost, fc.boolean(), async (body, isKnown) => {
    const events = await countOf(doors, "contact_events");
    const answer = await server.postEvents(body, isKnown ? token : `${token}x`);
    expect(isKnown ? [202, 400] : [401]).toContain(answer.status);
    const { stored = 0 } = (await answer.json()) as { stored?: number };
    expect(await countOf(doors, "contact_events")).toBe(events + stored);
  });

const PIECES = [
  "POST /webhook HTTP/1.1\r\n",
  "GET /webhook?hub.mode=subscribe HTTP/1.1\r\n",
  "PUT /../../etc/passwd HTTP/1.1\r\n",
  "Host: a\r\n",
  "Content-Length: 5\r\n",
  "Content-Length: -1\r\n",
  "Content-Length: 99999999999999999999\r\n",
  "Transfer-Encoding: chunked\r\n",
  "5\r\nhallo\r\n",
  "0\r\n\r\n",
  "FFFFFFFFFFFFFFFF\r\n",
  "x-hub-signature-256: sha256=00\r\n",
  "Expect: 100-continue\r\n",
  "Upgrade: websocket\r\n",
  "\r\n",
  "\u0000",
  `A: ${"b".repeat(20_000)}\r\n`,
];

const bytesOnTheLine = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: "binary", maxLength: 50 })), {
    maxLength: 12,
  })
  .map((parts) => Buffer.from(parts.join("")));

/** Bytes that are no request, or half of one: nothing is stored, and the next caller is answered. */
export const linesDoor = (doors: Doors, server: Serving) =>
  fc.asyncProperty(bytesOnTheLine, async (bytes) => {
    const stored = await countOf(doors, "webhook_inbox");
    await hangUpAfter(server.url, bytes);
    expect(await countOf(doors, "webhook_inbox")).toBe(stored);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });

/** Says these bytes, ends its side, and hears out the answer. */
async function hangUpAfter(url: string, bytes: Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {}); // the server may hang up first
  socket.end(bytes);
  return text(socket).catch(() => "");
}

/** A server beside the doors' database, and a token of their organization. */
export async function servePosts(
  doors: Doors & { url: string },
): Promise<{ server: Serving; token: string }> {
  const { token } = await doors.database.transaction(operator(doors.profileId), (tx) =>
    createToken(tx, doors.organization.id, "fuzz"),
  );
  return { server: await serveWebhooks(doors.url), token };
}
