import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { Dispatch } from "../../src/sending/dispatch.ts";
import type { LaneReport } from "../../src/sending/lane-report.ts";
import { cloudProvider } from "../../src/sending/providers/whatsapp-cloud.ts";
import { LEASE, NOW, type Setup, type World } from "./setup.ts";

export interface Arrival {
  /** milliseconds, by this process's monotonic clock */
  at: number;
  url: string;
  authorization: string | undefined;
  to: string;
  opaqueId: string;
}

export type Answering = (response: ServerResponse, arrival: Arrival, n: number) => void;

/** A local HTTP server that answers as the test says; it keeps what arrived. */
export async function apiThat(answer: Answering) {
  const arrivals: Arrival[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const at = performance.now();
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString() || "{}");
    const arrival: Arrival = {
      at,
      url: request.url ?? "",
      authorization: request.headers.authorization,
      to: body.to,
      opaqueId: body.biz_opaque_callback_data,
    };
    arrivals.push(arrival);
    answer(response, arrival, arrivals.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, arrivals };
}

let wamids = 0;

export const accept = (response: ServerResponse) => response.end(acceptance());

export const acceptance = () =>
  JSON.stringify({ messaging_product: "whatsapp", messages: [{ id: `wamid.of-the-test-${++wamids}` }] });

export const refuse = (response: ServerResponse, httpStatus: number, code: number, headers: object = {}) =>
  response.writeHead(httpStatus, { "content-type": "application/json", ...headers }).end(
    JSON.stringify({
      error: { code, message: `(#${code}) No`, error_data: { details: `Details of ${code}` } },
    }),
  );

export interface Sending {
  url: string;
  deadlineMs?: number;
  concurrency?: number;
  stopping?: AbortSignal;
  aborting?: AbortSignal;
  /** the tick's clock */
  now?: Date;
}

/** Takes the world's lane and works it to its end, with this API. */
export async function workLane(s: Setup, w: World, given: Sending): Promise<LaneReport> {
  const lane = await w.lane();
  const provider = cloudProvider({
    apiUrl: `${given.url}/v25.0`,
    phoneNumberId: lane.phoneNumberId ?? "",
    token: "token",
    ...(given.deadlineMs === undefined ? {} : { deadlineMs: given.deadlineMs }),
    ...(given.concurrency === undefined ? {} : { concurrency: given.concurrency }),
  });
  const never = new AbortController().signal;
  const options = {
    database: s.database,
    lane,
    provider,
    leaseSeconds: LEASE,
    stopping: given.stopping ?? never,
    aborting: given.aborting ?? never,
    now: () => given.now ?? NOW,
  };
  return new Dispatch(options, performance.now()).run();
}

/** A sender of Meta's kind and people who wrote to it today, so that a text may go out. */
export async function cloudWorld(
  s: Setup,
  people: number,
  given: { throughput?: number; settings?: object } = {},
) {
  const { throughput = 1000, settings = {} } = given;
  const w = await s.world({ sender: { provider: "whatsapp-cloud", throughput } });
  const contacts = await w.contacts(people, { lastInboundAt: NOW });
  const campaign = await w.broadcast({ contacts, settings });
  return { w, campaign };
}

/** How many jobs of a campaign are in each status. */
export async function statusesOf(w: World, campaign: { id: string }): Promise<Record<string, number>> {
  const jobs = await w.jobs(campaign);
  const counts: Record<string, number> = {};
  for (const { status } of jobs as { status: string }[]) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
