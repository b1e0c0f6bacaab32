import { createHash } from "node:crypto";

/** Shares of what is accepted: failed of all, delivered of what did not fail, read of what was delivered. */
export interface Shares {
  delivered: number;
  read: number;
  failed: number;
}

export const DEFAULT_SHARES: Shares = { delivered: 0.97, read: 0.7, failed: 0.02 };

/**
 * Seconds from acceptance to sent, from sent to delivered (or failed), from delivered to read, and from the last of
 * these to a reply; each is spread by 0.5 to 1.5.
 */
export interface Delays {
  sent: number;
  delivered: number;
  read: number;
  reply: number;
}

export const DEFAULT_DELAYS: Delays = { sent: 1, delivered: 4, read: 600, reply: 60 };

export type Outcome = "sent" | "delivered" | "read" | "failed";

/** What becomes of a message. */
export interface Fate {
  /** its last status */
  outcome: Outcome;
  /** of a failed one, as in reference §3 */
  errorCode: number | null;
  /** its statuses in the order in which they happen */
  steps: { status: Outcome; afterSeconds: number }[];
}

/** From 0 up to 1, the same each time for the same word. */
export type Roll = (word: string) => number;

/** Mostly numbers without WhatsApp; then marketing that Meta withholds, and media it could not fetch. */
const FAILURES = [131026, 131026, 131026, 131026, 131026, 131026, 131049, 131049, 131053, 130472] as const;

/** Half of the failed ones were told as sent before. */
const SENT_BEFORE_FAILED = 0.5;

/**
 * A message's dice: seed, recipient and how many messages that recipient got before. Row ids are left out since they
 * differ from run to run; people do not.
 */
export function diceOf(seed: string, recipient: string, nth: number): Roll {
  return (word) => digest(seed, recipient, nth, word).readUInt32BE(0) / 2 ** 32;
}

/** @param failsWith this code, whatever the dice say (a magic number) */
export function fateOf(roll: Roll, shares: Shares, delays: Delays, failsWith?: number): Fate {
  const errorCode = failsWith ?? (roll("failed") < shares.failed ? failureOf(roll) : null);
  const outcome = errorCode === null ? outcomeOf(roll, shares) : "failed";
  return { outcome, errorCode, steps: stepsTo(outcome, roll, delays) };
}

function failureOf(roll: Roll): number {
  return FAILURES[Math.floor(roll("code") * FAILURES.length)] as number;
}

function outcomeOf(roll: Roll, shares: Shares): Outcome {
  if (roll("delivered") >= shares.delivered) return "sent";
  return roll("read") < shares.read ? "read" : "delivered";
}

function stepsTo(outcome: Outcome, roll: Roll, delays: Delays): Fate["steps"] {
  const paths: Record<Outcome, Outcome[]> = {
    sent: ["sent"],
    delivered: ["sent", "delivered"],
    read: ["sent", "delivered", "read"],
    failed: roll("sent before failed") < SENT_BEFORE_FAILED ? ["sent", "failed"] : ["failed"],
  };
  const seconds = { ...delays, failed: delays.delivered };
  let afterSeconds = 0;
  return paths[outcome].map((status) => {
    afterSeconds += seconds[status] * (0.5 + roll(`${status} delay`));
    return { status, afterSeconds };
  });
}

/**
 * `wamid.` and 30 bytes in base64, from all that tells one message from another.
 * @param again how often the very same message was accepted before
 */
export function wamidOf(
  seed: string,
  phoneNumberId: string,
  recipient: string,
  opaqueId: string,
  again: number,
): string {
  return `wamid.${digest(seed, phoneNumberId, recipient, opaqueId, again).subarray(0, 30).toString("base64")}`;
}

function digest(...words: (string | number)[]): Buffer {
  return createHash("sha256").update(JSON.stringify(words)).digest();
}
