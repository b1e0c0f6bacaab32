import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";

export interface HttpRequest {
  method: string;
  /** without its query */
  path: string;
  /** of `Authorization: Bearer …` */
  token: string | undefined;
  /** undefined when it is larger than 1 MB */
  body: string | undefined;
}

/** An answer, or the connection reset without one. */
export type HttpAnswer = { httpStatus: number; body: string; contentType?: string } | "reset";

export interface Serving {
  port: number;
  /** takes no more requests, lets the open ones be answered, and cuts who is silent for two seconds */
  close(): Promise<void>;
}

const LARGEST_BODY = 1024 * 1024;
const KEEP_ALIVE_MS = 60_000;
const CLOSE_WITHIN_MS = 2_000;

/**
 * Serves on 127.0.0.1 with keep-alive; `GET /healthz` answers by itself.
 * @throws the system's error when the port cannot be had (EADDRINUSE, EACCES)
 */
export async function serve(
  port: number,
  latencyMs: number,
  answer: (request: HttpRequest) => HttpAnswer,
): Promise<Serving> {
  const server = createServer(async (request, response) => {
    const answered = await answerTo(request, answer).catch(() => "reset" as const);
    if (latencyMs > 0) await wait(latencyMs);
    if (answered === "reset") request.socket.resetAndDestroy();
    else write(response, answered, server.listening);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    close: () => closed(server, latencyMs + CLOSE_WITHIN_MS),
  };
}

async function answerTo(
  request: IncomingMessage,
  answer: (request: HttpRequest) => HttpAnswer,
): Promise<HttpAnswer> {
  const { method = "GET", url = "/", headers } = request;
  const path = url.split("?")[0] as string;
  const body = await readBody(request);
  if (method === "GET" && path === "/healthz") return { httpStatus: 200, body: '{"ok":true}' };
  return answer({ method, path, token: /^Bearer (\S+)$/.exec(headers.authorization ?? "")?.[1], body });
}

/** Reads on past the limit without keeping it: a client that is still sending would not see the answer. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= LARGEST_BODY) chunks.push(chunk);
  }
  return size > LARGEST_BODY ? undefined : Buffer.concat(chunks).toString("utf8");
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
