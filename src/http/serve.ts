import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { setTimeout as wait } from "node:timers/promises";

export interface HttpRequest {
  method: string;
  /** without its query */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** of `Authorization: Bearer …` */
  token: string | undefined;
  /** as it came; undefined when it is larger than the server takes, and then nobody has read it all */
  body: Buffer | undefined;
}

/** An answer, or the connection reset without one. */
export type HttpAnswer = { httpStatus: number; body: string; contentType?: string } | "reset";

export interface ServeOptions {
  /** 127.0.0.1 unless given */
  host?: string;
  port: number;
  /** bytes */
  largestBody: number;
  /** waited before each answer */
  latencyMs?: number;
}

export interface Serving {
  port: number;
  /** takes no more requests, lets the open ones be answered, and cuts who is silent for two seconds */
  close(): Promise<void>;
}

const KEEP_ALIVE_MS = 60_000;
const REQUEST_WITHIN_MS = 30_000;
const CLOSE_WITHIN_MS = 2_000;

/**
 * Serves with keep-alive. An answer that throws resets the connection.
 * @throws the system's error when the port cannot be had (EADDRINUSE, EACCES)
 */
export async function serve(
  { host = "127.0.0.1", port, largestBody, latencyMs = 0 }: ServeOptions,
  answer: (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>,
): Promise<Serving> {
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request, largestBody).catch(() => "gone" as const);
    if (body === "gone") return;
    const answered = await answerOf(answer, requestOf(request, body));
    if (latencyMs > 0) await wait(latencyMs);
    if (answered === "reset") request.socket.resetAndDestroy();
    else write(response, answered, server.listening && body !== undefined);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.requestTimeout = REQUEST_WITHIN_MS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    close: () => closed(server, latencyMs + CLOSE_WITHIN_MS),
  };
}

async function answerOf(
  answer: (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>,
  request: HttpRequest,
): Promise<HttpAnswer> {
  try {
    return await answer(request);
  } catch {
    return "reset";
  }
}

function requestOf(
  { method = "GET", url = "/", headers }: IncomingMessage,
  body: Buffer | undefined,
): HttpRequest {
  const [path = "/", query = ""] = url.split(/\?(.*)/s);
  const token = /^Bearer (\S+)$/.exec(headers.authorization ?? "")?.[1];
  return { method, path, query: new URLSearchParams(query), headers, token, body };
}

/** Reads a little past the limit without keeping it: a client that is still sending would not see the answer. */
async function bodyOf(request: IncomingMessage, largest: number): Promise<Buffer | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > 8 * largest) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= largest) chunks.push(chunk);
    else if (size > 8 * largest) return undefined;
  }
  return size > largest ? undefined : Buffer.concat(chunks);
}

function write(
  response: ServerResponse,
  { httpStatus, body, contentType = "application/json; charset=UTF-8" }: Exclude<HttpAnswer, "reset">,
  keepAlive: boolean,
): void {
  response
    .writeHead(httpStatus, {
      "content-type": contentType,
      "content-length": Buffer.byteLength(body),
      ...(keepAlive ? {} : { connection: "close" }),
    })
    .end(body);
}

function closed(server: Server, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), withinMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
