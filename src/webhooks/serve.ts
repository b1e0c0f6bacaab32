import { createHash, timingSafeEqual } from "node:crypto";
import type { Database } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { EventReceiver } from "../events/receive.ts";
import { type HttpAnswer, type HttpRequest, type Serving, serve } from "../http/serve.ts";
import { textOf } from "./body.ts";
import { Gather } from "./gather.ts";
import { storeBodies } from "./inbox.ts";
import { Secrets } from "./secrets.ts";

/** Meta's bodies are up to 3 MB (reference §5.3). */
const LARGEST_BODY = 4 * 1024 * 1024;
const BODIES_AT_ONCE = 200;

export interface ReceiverOptions {
  database: Database;
  env: NodeJS.ProcessEnv;
  host?: string;
  port: number;
  /** signs for every number; senders may name their own */
  appSecret: string | undefined;
  /** what Meta has to say when the callback is set up; undefined: nobody may */
  verifyToken: string | undefined;
}

/**
 * Takes what Meta posts: looks at the signature over the bytes as they came, stores the body, and answers 200 once it is
 * committed. The tick applies it. `GET /webhook` is Meta's verification, `POST /events` takes an organization's own
 * events, `GET /healthz` says whether the database takes bodies.
 * @throws the system's error when the port cannot be had (EADDRINUSE, EACCES)
 */
export function startReceiver(options: ReceiverOptions): Promise<Serving> {
  const { database, env, appSecret, verifyToken, host, port } = options;
  const secrets = new Secrets(database, env, appSecret);
  const inbox = new Gather<string>((bodies) => storeBodies(database, bodies, "serve"), BODIES_AT_ONCE);
  const events = new EventReceiver(database);
  const answers: Record<string, (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>> = {
    "GET /webhook": ({ query }) => verification(query, verifyToken),
    "POST /webhook": (request) => take(request, secrets, inbox),
    "POST /events": (request) => events.answer(request),
    "GET /healthz": () => health(database),
  };
  const paths = new Set(Object.keys(answers).map((route) => route.split(" ")[1]));
  return serve({ ...(host === undefined ? {} : { host }), port, largestBody: LARGEST_BODY }, (request) => {
    const answer = answers[`${request.method} ${request.path}`];
    if (answer !== undefined) return answer(request);
    return paths.has(request.path)
      ? said(405, "this method has no answer here")
      : said(404, "nothing is here");
  });
}

/** Anything but 200 makes Meta send the body again, for up to seven days (reference §5.3). */
async function take(
  { body, headers }: HttpRequest,
  secrets: Secrets,
  inbox: Gather<string>,
): Promise<HttpAnswer> {
  if (body === undefined) return said(413, "larger than any webhook body");
  const header = headers["x-hub-signature-256"];
  try {
    if (!(await secrets.accept(body, Array.isArray(header) ? undefined : header)))
      return said(401, "the signature is missing or wrong");
    await inbox.add(textOf(body));
  } catch {
    return said(503, "not stored: send it again");
  }
  return { httpStatus: 200, body: "" };
}

/** The challenge as it is, and nothing else (reference §5.1). */
function verification(query: URLSearchParams, wanted: string | undefined): HttpAnswer {
  const isAsked = query.get("hub.mode") === "subscribe" && wanted !== undefined;
  if (!isAsked || !isEqual(query.get("hub.verify_token") ?? "", wanted)) return said(403, "not verified");
  return { httpStatus: 200, body: query.get("hub.challenge") ?? "", contentType: "text/plain" };
}

/** In constant time, whatever the lengths. */
function isEqual(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

async function health(database: Database): Promise<HttpAnswer> {
  try {
    await database.transaction(worker, (tx) => tx.run("select from webhook_inbox limit 0"));
    return { httpStatus: 200, body: '{"ok":true}' };
  } catch {
    return { httpStatus: 503, body: '{"ok":false}' };
  }
}

function said(httpStatus: number, error: string): HttpAnswer {
  return { httpStatus, body: JSON.stringify({ error }) };
}
