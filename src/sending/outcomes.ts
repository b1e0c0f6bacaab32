import codes from "./error-codes.json" with { type: "json" };
import type { Answer, Refusal } from "./providers/provider.ts";

/** What the row of a job becomes (record.sql knows these words). */
export type RowOutcome =
  | "sent"
  | "retry"
  | "wait"
  | "failed"
  | "opted_out"
  | "undeliverable"
  | "unknown"
  | "handback"
  | "skip";

/** What else follows, beside the row. */
export type Effect =
  | "slow"
  | "slow_account"
  | "pause_campaign"
  | "halt_sender"
  | "halt_account"
  | "our_fault";

export interface Outcome {
  row: RowOutcome;
  /** from now to the next attempt (retry, wait) */
  afterSeconds: number;
  effect?: Effect;
  errorCode: string | null;
  error: string | null;
  providerMessageId: string | null;
}

/** The actions of error-codes.json (reference: what a bulk sender should do). */
export type Action =
  | "RETRY"
  | "SLOW"
  | "SLOW_APP"
  | "PAIR_WAIT"
  | "DEFER_24H"
  | "FAIL"
  | "FAIL_COUNTRY"
  | "OPT_OUT"
  | "FIX"
  | "MEDIA"
  | "STOP_CAMPAIGN"
  | "STOP_NUMBER"
  | "STOP_ALL"
  | "REG"
  | "NONE";

/** How far along the job is: what an outcome may depend on. */
export interface Progress {
  /** this attempt's number, from 1 */
  attempts: number;
  /** deferrals so far that counted no attempt */
  waits: number;
}

const MINUTE = 60;
const DAY = 86_400;
const RETRY_AFTER_CAP = 15 * MINUTE;
const UNDELIVERABLE = 131026;

/** `"code": "131000"` or a range, `"200-299"`. */
const ranges = (codes as { code: string; action: string }[]).map(({ code, action }) => {
  const [first, last = first] = code.split("-").map(Number) as [number, number?];
  return { first, last, action: action as Action };
});

/** The action for an error code; an unknown code is transient by its HTTP status or flag, else our own fault. */
export function actionOf(
  refusal: Pick<Refusal, "code" | "subcode" | "httpStatus" | "transient" | "details">,
): Action {
  const { code, subcode } = refusal;
  if (code === null)
    return refusal.httpStatus === 429
      ? "SLOW"
      : refusal.httpStatus === 401 || refusal.httpStatus === 403
        ? "STOP_ALL"
        : "FIX";
  if (code === 100 && subcode === 33) return "STOP_NUMBER";
  const known = ranges.find((range) => code >= range.first && code <= range.last)?.action;
  if (known === "MEDIA") return /\b(429|5\d\d)\b/.test(refusal.details) ? "RETRY" : "FIX";
  return known ?? (refusal.httpStatus >= 500 || refusal.transient ? "RETRY" : "FIX");
}

/** Waits of 1, 2, 4 … minutes after the first, second, third … attempt (source document, retry mechanism). */
export function retryWait(attempts: number): number {
  return MINUTE * 2 ** (attempts - 1);
}

/** The one table from an answer to what becomes of the row and its surroundings (design: sending, outcomes). */
export function outcomeOf(answer: Answer, progress: Progress): Outcome {
  const base = { afterSeconds: 0, errorCode: null, error: null, providerMessageId: null };
  switch (answer.kind) {
    case "accepted":
      return { ...base, row: "sent", providerMessageId: answer.providerMessageId };
    case "unsent":
      return {
        ...base,
        row: "retry",
        afterSeconds: retryWait(progress.attempts),
        errorCode: "unsent",
        error: answer.reason,
      };
    case "unknown":
      return { ...base, row: "unknown", errorCode: "unknown", error: answer.reason };
    case "refused": {
      const { refusal } = answer;
      const reasons = {
        errorCode: String(refusal.code ?? `http_${refusal.httpStatus}`),
        error: refusal.details,
        providerMessageId: null,
      };
      return { afterSeconds: 0, ...reasons, ...consequence(actionOf(refusal), refusal, progress) };
    }
  }
}

type Consequence = Pick<Outcome, "row"> & Partial<Pick<Outcome, "afterSeconds" | "effect">>;

function consequence(action: Action, refusal: Refusal, { attempts, waits }: Progress): Consequence {
  const asked = Math.min(refusal.retryAfterSeconds ?? 0, RETRY_AFTER_CAP);
  switch (action) {
    case "RETRY":
      return { row: "retry", afterSeconds: Math.max(retryWait(attempts), asked) };
    case "SLOW":
      return { row: "wait", afterSeconds: Math.max(1, asked), effect: "slow" };
    case "SLOW_APP":
      return { row: "wait", afterSeconds: Math.max(MINUTE, asked), effect: "slow_account" };
    case "PAIR_WAIT":
      return { row: "wait", afterSeconds: Math.max(4 ** Math.min(waits, 6), asked) };
    case "DEFER_24H":
      return waits === 0 ? { row: "wait", afterSeconds: DAY } : { row: "failed" };
    case "OPT_OUT":
      return { row: "opted_out" };
    case "FIX":
      return { row: "failed", effect: "our_fault" };
    case "STOP_CAMPAIGN":
      return { row: "wait", effect: "pause_campaign" };
    case "STOP_NUMBER":
      return { row: "wait", effect: "halt_sender" };
    case "STOP_ALL":
      return { row: "wait", effect: "halt_account" };
    default:
      return { row: refusal.code === UNDELIVERABLE ? "undeliverable" : "failed" };
  }
}
