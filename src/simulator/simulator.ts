import { serve } from "../http/serve.ts";
import { CloudApi } from "./api.ts";
import { type AcceptedMessage, type Counts, Ledger } from "./ledger.ts";
import { type SimulatorOptions, settingsOf } from "./options.ts";
import { openReceiver } from "./webhooks.ts";

export type { AcceptedMessage, Counts } from "./ledger.ts";
export type { SimulatorOptions } from "./options.ts";

export interface Simulator {
  /** `http://127.0.0.1:PORT`, without a version: requests go to `{url}/v25.0/{phone_number_id}/messages` */
  readonly url: string;
  readonly port: number;
  /** every message it accepted, in order */
  accepted(): readonly AcceptedMessage[];
  /** as they are now */
  counts(): Counts;
  /**
   * Tells every status planned so far, due or not, and waits until it arrived or was given up.
   * @throws UserError when a file cannot be written
   */
  flush(): Promise<void>;
  /**
   * Answers open requests, tells what is planned (giving up after `drainMs`), then closes its files.
   * @throws UserError when a file could not be written
   */
  close(): Promise<void>;
}

const TELL_EVERY_MS = 50;
const LARGEST_BODY = 1024 * 1024;

/**
 * A local WhatsApp Cloud API over HTTP on 127.0.0.1: takes messages as Meta does, and tells by signed webhooks what
 * became of them. The same seed and the same recipients in the same number give the same outcomes, in any order.
 * @throws UserError for options that make no sense, and for files that cannot be opened
 * @throws the system's error when the port cannot be had (EADDRINUSE)
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const settings = settingsOf(options);
  const ledger = await Ledger.open(settings.logFile);
  const receiver = await orClose(openReceiver(settings), [ledger]);
  const api = new CloudApi(settings, ledger, receiver);
  const { telling } = api;
  const files = [receiver, ledger];
  const server = await orClose(
    serve({ port: settings.port, latencyMs: settings.latencyMs, largestBody: LARGEST_BODY }, (request) =>
      api.answer(request),
    ),
    files,
  );
  const timer = setInterval(() => telling.tellDue(), TELL_EVERY_MS);
  const close = async () => {
    await server.close();
    clearInterval(timer);
    await telling.drain().finally(() => closeAll(files));
  };
  let closing: Promise<void> | undefined;
  return {
    url: `http://127.0.0.1:${server.port}`,
    port: server.port,
    accepted: () => ledger.accepted,
    counts: () => ledger.counts(),
    flush: () => telling.flush(),
    close: () => (closing ??= close()),
  };
}

interface Closable {
  close(): Promise<void>;
}

/** What is open already does not stay open when the next thing cannot be had. */
async function orClose<T>(next: Promise<T>, opened: readonly Closable[]): Promise<T> {
  return next.catch(async (error: unknown) => {
    await closeAll(opened);
    throw error;
  });
}

async function closeAll(opened: readonly Closable[]): Promise<void> {
  await Promise.all(opened.map((each) => each.close()));
}
