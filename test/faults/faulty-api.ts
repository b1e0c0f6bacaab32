import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Pool } from "undici";
import { onTestFinished } from "vitest";

/** One message on its way through. */
export interface Passing {
  /** the recipient's phone */
  to: string;
  response: ServerResponse;
  /** lets the simulator have it, whose answer is still to be passed on */
  deliver(): Promise<Answer>;
}

export interface Answer {
  status: number;
  body: string;
}

export type Misdeed = (passing: Passing) => void | Promise<void>;

export interface FaultyApi {
  url: string;
  /** every POST that arrived, by recipient */
  posts: Map<string, number>;
}

/**
 * Stands between adsapp and the simulator, over real HTTP: what it lets through is in the simulator's ledger and gets its
 * webhooks; what it makes of the answer is the test's to say.
 * @param misdeedFor undefined: this one is passed on as it is. n: this recipient's how many-th POST it is, from 1
 */
export async function startFaultyApi(
  simulatorUrl: string,
  misdeedFor: (to: string, n: number) => Misdeed | undefined,
): Promise<FaultyApi> {
  const simulator = new Pool(simulatorUrl, { connections: 256 });
  const posts = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { to } = JSON.parse(body.toString()) as { to: string };
    const n = (posts.get(to) ?? 0) + 1;
    posts.set(to, n);
    const deliver = async () => {
      const headers = {
        authorization: request.headers.authorization ?? "",
        "content-type": "application/json",
      };
      const answer = await simulator.request({ method: "POST", path: request.url ?? "/", headers, body });
      return { status: answer.statusCode, body: await answer.body.text() };
    };
    await (misdeedFor(to, n) ?? passOn)({ to, response, deliver });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await simulator.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, posts };
}

const passOn: Misdeed = async ({ response, deliver }) => {
  const { status, body } = await deliver();
  response.writeHead(status, { "content-type": "application/json" }).end(body);
};

const PAGE = "<html><body><h1>Bad Gateway</h1></body></html>";

/** Meta's error, and not accepted. */
export const refuseWith =
  (status: number, code: number, headers: Record<string, string> = {}): Misdeed =>
  ({ response }) => {
    const error = { code, message: `(#${code}) No`, error_data: { details: `Details of ${code}` } };
    response
      .writeHead(status, { "content-type": "application/json", ...headers })
      .end(JSON.stringify({ error }));
  };

/** Something that is not Meta's answer, whether it was accepted or not. */
export const answerWith =
  (status: number, body: string, headers: Record<string, string> = {}): Misdeed =>
  ({ response }) =>
    void response.writeHead(status, { "content-type": "text/html", ...headers }).end(body);

export const PROXY_PAGE = answerWith(502, PAGE);

/** The message is accepted, and then this comes instead of the answer. */
export const acceptedBut =
  (misdeed: (passing: Passing, answer: Answer) => void | Promise<void>): Misdeed =>
  async (passing) =>
    misdeed(passing, await passing.deliver());

export const reset: Misdeed = ({ response }) => void response.socket?.resetAndDestroy();

export const hang: Misdeed = () => {};

/** A byte now and then, and never the last. */
export const drip: Misdeed = ({ response }) => {
  response.writeHead(200);
  const timer = setInterval(() => response.write(" "), 100);
  response.on("close", () => clearInterval(timer));
};

export const truncated = acceptedBut(({ response }, { body }) => {
  response.writeHead(200, { "content-length": String(body.length) }).write(body.slice(0, -20));
  setTimeout(() => response.destroy(), 20);
});

export const pageWith200 = acceptedBut(answerWith(200, PAGE));
export const emptyWith200 = acceptedBut(answerWith(200, ""));
export const hugeWith200 = acceptedBut(answerWith(200, `{"messages":[{"id":"${"x".repeat(3_000_000)}"}]}`));
