import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/simulator/simulator.ts";

export const NUMBER = "106540352242922";
export const NOON = new Date("2026-11-27T12:00:00Z");

/** A simulator that is closed with the test, and ways to talk to it as a sender does. */
export async function simulated(options: SimulatorOptions = {}) {
  const simulator = await startSimulator({ now: () => NOON, ...options });
  onTestFinished(() => simulator.close());
  return { simulator, ...senderTo(simulator) };
}

/** An answer of the API: accepted, or an error. */
export interface AnswerBody {
  messaging_product?: string;
  contacts: object[];
  messages: { id: string; message_status?: string }[];
  error: { message: string; type: string; code: number; error_subcode?: number };
}

/** One of `value.statuses[]`. */
export interface StatusJson {
  id: string;
  status: string;
  timestamp: string;
  recipient_id?: string;
  pricing?: object;
  errors?: { code: number; message: string }[];
}

export interface WebhookJson {
  entry: { changes: { value: { metadata: { phone_number_id: string }; statuses: StatusJson[] } }[] }[];
}

export function senderTo(simulator: Simulator) {
  const post = (body: string, { path = `/v25.0/${NUMBER}/messages`, token = "token" }: PostOptions = {}) =>
    fetch(`${simulator.url}${path}`, {
      method: "POST",
      body,
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
    });
  const send = async (message: object, options?: PostOptions) => {
    const response = await post(JSON.stringify(message), options);
    return { status: response.status, json: (await response.json()) as AnswerBody };
  };
  /** A text to each, twenty at a time. */
  const sendAll = async (recipients: readonly string[]) => {
    for (let from = 0; from < recipients.length; from += 20) {
      await Promise.all(recipients.slice(from, from + 20).map((to) => send(textTo(to))));
    }
  };
  return { post, send, sendAll };
}

interface PostOptions {
  path?: string;
  /** null: no header at all */
  token?: string | null;
}

export function textTo(to: string, opaqueId?: string): object {
  return {
    messaging_product: "whatsapp",
    to,
    type: "text",
    text: { body: "Hallo" },
    ...(opaqueId === undefined ? {} : { biz_opaque_callback_data: opaqueId }),
  };
}

export function templateTo(to: string, ...texts: unknown[]): object {
  const parameters = texts.map((text) => ({ type: "text", text }));
  return {
    messaging_product: "whatsapp",
    to,
    type: "template",
    template: { name: "black_friday", language: { code: "nl" }, components: [{ type: "body", parameters }] },
  };
}

/** `+31600000000` and up. */
export function people(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `+316${String(n).padStart(8, "0")}`);
}

/** A folder that goes with the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "adsapp-simulator-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** The NDJSON of a file. */
export function linesOf<T>(file: string): T[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as T);
}

/** A line of the simulator's own ledger. */
export interface LedgerLine {
  event: string;
  wamid: string;
  at: string;
  errorCode?: number;
}

/** The statuses of webhook bodies, in the order told. */
export function statusesOf(bodies: readonly WebhookJson[]): StatusJson[] {
  return bodies.flatMap(({ entry }) =>
    entry.flatMap(({ changes }) => changes.flatMap(({ value }) => value.statuses)),
  );
}

/** The statuses in a file of webhook bodies. */
export function statusesIn(file: string): StatusJson[] {
  return statusesOf(linesOf<WebhookJson>(file));
}

export interface Delivery {
  raw: string;
  signature: string | undefined;
}

/** A webhook endpoint that answers with these HTTP statuses (or never) in turn, then with 200. */
export async function webhookEndpoint(...answers: (number | "never")[]) {
  const deliveries: Delivery[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const headers: Record<string, string> = {};
  let heard = () => {};
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    deliveries.push({
      raw: Buffer.concat(chunks).toString(),
      signature: request.headers["x-hub-signature-256"]?.toString(),
    });
    heard();
    const answer = answers.shift() ?? 200;
    if (answer !== "never") response.writeHead(answer, headers).end();
    for (const each of waiting) if (deliveries.length >= each.count) each.resolve();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook`,
    deliveries,
    redirectTo: (location: string) => {
      headers.location = location;
    },
    onDelivery: (listener: () => void) => {
      heard = listener;
    },
    /** the words of the statuses of each body */
    told: () => deliveries.map(({ raw }) => statusesOf([JSON.parse(raw)]).map(({ status }) => status)),
    /** resolves when so many bodies came in */
    arrived: (count: number) =>
      new Promise<void>((resolve) => {
        if (deliveries.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
  };
}
