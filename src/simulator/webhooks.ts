import { setTimeout as wait } from "node:timers/promises";
import { withDeadline } from "../http/deadline.ts";
import { signBody } from "../webhooks/signature.ts";
import { LineFile } from "./line-file.ts";
import type { Settings } from "./options.ts";

/** Where webhook bodies go. */
export interface Receiver {
  /** @returns whether the body arrived; never throws. Gives up at once when the signal is aborted */
  deliver(body: string, giveUp: AbortSignal): Promise<boolean>;
  /** resolves when all that was delivered is in the file. @throws UserError when it cannot be written */
  written(): Promise<void>;
  close(): Promise<void>;
}

const TRIES = 5;
const ANSWER_WITHIN_MS = 10_000;

/** @throws UserError when the file cannot be opened */
export async function openReceiver(settings: Settings): Promise<Receiver> {
  const { webhook } = settings;
  if (webhook === undefined) return nobody();
  return "url" in webhook
    ? urlReceiver(webhook.url, settings)
    : fileReceiver(await LineFile.open(webhook.file));
}

function nobody(): Receiver {
  return { deliver: async () => true, written: async () => {}, close: async () => {} };
}

/** One body a line, as `adsapp webhook ingest` reads it. */
function fileReceiver(file: LineFile): Receiver {
  return {
    deliver(body) {
      file.append(body);
      return file.written().then(
        () => true,
        () => false,
      );
    },
    written: () => file.written(),
    close: () => file.close(),
  };
}

/** Anything but 200 counts as failure and is sent again, ever later, as Meta does (reference §5.3); but only a few times. */
function urlReceiver(url: string, { appSecret, retryDelayMs }: Settings): Receiver {
  return {
    async deliver(body, giveUp) {
      const signature = signBody(body, appSecret);
      for (let attempt = 1; attempt <= TRIES; attempt++) {
        if (giveUp.aborted) return false;
        if ((await post(url, body, signature, giveUp)) === 200) return true;
        if (attempt < TRIES)
          await wait(retryDelayMs * 2 ** (attempt - 1), undefined, { signal: giveUp }).catch(() => {});
      }
      return false;
    },
    written: async () => {},
    close: async () => {},
  };
}

/** @returns the HTTP status, or undefined when there was no answer */
async function post(
  url: string,
  body: string,
  signature: string,
  giveUp: AbortSignal,
): Promise<number | undefined> {
  try {
    return await withDeadline(giveUp, ANSWER_WITHIN_MS, async (signal) => {
      const headers = { "content-type": "application/json", "x-hub-signature-256": signature };
      const response = await fetch(url, { method: "POST", body, headers, redirect: "error", signal });
      await response.arrayBuffer();
      return response.status;
    });
  } catch {
    return undefined;
  }
}
