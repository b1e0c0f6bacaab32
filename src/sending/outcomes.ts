import { type Action, knownError, UNDELIVERABLE } from "./error-codes.ts";
import type { Answer, Refusal } from "./providers/provider.ts";

/** What the row of a job or log becomes (record.sql knows these words; docs/reference/outcomes.md tells what each means). */
export type RowOutcome =
  | "sent"
  | "retry"
  | "wait"
  | "later"
  | "withheld"
  | "failed"
  | "opted_out"
  | "undeliverable"
  | "unknown"
  | "handback"
  | "skip";

/** What else follows, beside the row (effects.ts). */
export type Effect =
  | "slow"
  | "slow_account"
  | "close_country"
  | "pause_campaign"
  | "halt_sender"
  | "halt_account"
  | "our_fault";

export interface Outcome {
  row: RowOutcome;
  /** from now to the next attempt (retry, wait, later, withheld) */
  afterSeconds: number;
  effect?: Effect;
  /** how long the lane rests, besides going slower (slow, slow_account) */
  restSeconds?: number;
  errorCode: string | null;
  error: string | null;
  providerMessageId: string | null;
}

/** How far along the row is: what an outcome may depend on. */
export interface Progress {
  /** this attempt's number, from 1 */
  attempts: number;
  /** pair limits so far */
  waits: number;
  /** a drip's step, and a direct message, is over where a broadcast waits for a day */
  kind?: "b" | "d" | "m";
}

const MINUTE = 60;
export const DAY = 86_400;
const RETRY_AFTER_CAP = 15 * MINUTE;

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
  const known = knownError(code)?.action;
  if (known === "MEDIA") return /\b(429|5\d\d)\b/.test(refusal.details) ? "RETRY" : "MEDIA";
  return known ?? (refusal.httpStatus >= 500 || refusal.transient ? "RETRY" : "FIX");
}

/** Waits of 1, 2, 4 … minutes after the first, second, third … attempt (source document, retry mechanism). */
export function retryWait(attempts: number): number {
  return MINUTE * 2 ** (attempts - 1);
}

/** 1, 4, 16 … seconds, as Meta advises; an hour and a bit at most. */
function pairWait(waits: number): number {
  return 4 ** Math.min(waits, 6);
}

/** The one table from an answer to what becomes of the row and its surroundings (design: sending, outcomes). */
export function outcomeOf(answer: Answer, progress: Progress): Outcome {
  const base = { afterSeconds: 0, errorCode: null, error: null, providerMessageId: null };
  switch (answer.kind) {
    case "accepted":
      return {
        row: "sent",
        afterSeconds: 0,
        errorCode: null,
        error: null,
        providerMessageId: answer.providerMessageId,
      };
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

type Consequence = Pick<Outcome, "row"> & Partial<Pick<Outcome, "afterSeconds" | "effect" | "restSeconds">>;

function consequence(
  action: Action,
  refusal: Pick<Refusal, "code" | "retryAfterSeconds">,
  { attempts, waits, kind }: Progress,
): Consequence {
  const known = refusal.code === null ? undefined : knownError(refusal.code);
  const asked = Math.max(known?.waitSeconds ?? 0, Math.min(refusal.retryAfterSeconds ?? 0, RETRY_AFTER_CAP));
  switch (action) {
    case "RETRY":
      return { row: "retry", afterSeconds: Math.max(retryWait(attempts), asked) };
    case "SLOW":
      return { row: "later", afterSeconds: Math.max(1, asked), effect: "slow", restSeconds: asked };
    case "SLOW_APP":
      return {
        row: "later",
        afterSeconds: Math.max(MINUTE, asked),
        effect: "slow_account",
        restSeconds: asked,
      };
    case "PAIR_WAIT":
      return { row: "wait", afterSeconds: Math.max(pairWait(waits), asked) };
    case "DEFER_24H":
      return kind === "d" || kind === "m" ? { row: "failed" } : { row: "withheld", afterSeconds: DAY };
    case "OPT_OUT":
      return { row: "opted_out" };
    case "FAIL_COUNTRY":
      return { row: "failed", effect: "close_country" };
    case "FIX":
    case "MEDIA":
    case "NONE": // an error that no send has: something is wrong with what we send
      return { row: "failed", effect: "our_fault" };
    case "STOP_CAMPAIGN":
      return { row: "later", effect: "pause_campaign" };
    case "STOP_NUMBER":
    case "REG": // the number is not, or not yet, registered
      return { row: "later", effect: "halt_sender" };
    case "STOP_ALL":
      return { row: "later", effect: "halt_account" };
    case "FAIL":
      return { row: refusal.code === UNDELIVERABLE ? "undeliverable" : "failed" };
  }
}

/** What a failure means that Meta tells of after it had accepted the message (design: sending, outcomes). */
export interface LateFailure {
  /** what becomes of a broadcast's job; a drip's step is final */
  row: "retry" | "withheld" | "again" | "failed";
  /** retry: times 2^(attempt − 1) */
  afterSeconds: number;
  effect?: Effect;
}

/**
 * The same table, after the acceptance: it was an attempt, so it counts, but for `again`, which is not the message's fault.
 * @param code of the error; null when Meta gave none
 */
export function lateFailureOf(code: number | null, details: string): LateFailure {
  if (code === null) return { row: "failed", afterSeconds: 0 };
  const action = actionOf({ code, subcode: null, httpStatus: 400, transient: false, details });
  const { row, effect } = consequence(action, { code, retryAfterSeconds: null }, { attempts: 1, waits: 0 });
  const also = effect === undefined ? {} : { effect };
  if (row === "retry" || row === "wait") return { row: "retry", afterSeconds: MINUTE, ...also };
  if (row === "withheld") return { row, afterSeconds: DAY, ...also };
  if (row !== "later") return { row: "failed", afterSeconds: 0, ...also };
  const isSlow = effect === "slow" || effect === "slow_account";
  return { row: isSlow ? "retry" : "again", afterSeconds: isSlow ? MINUTE : 0, ...also };
}

/** Whether the error that failed a message lies with its campaign's definition, or with the request (breaker.ts). */
export function isOurFault(errorCode: string | null): boolean {
  if (errorCode === null) return false;
  const action = actionOfCode(errorCode);
  return /^http_/.test(errorCode) || action === "FIX" || action === "MEDIA" || action === "NONE";
}

/** Of a code as rows keep it; undefined for those that are no error of Meta's (`unsent`, `crash`). */
function actionOfCode(errorCode: string | null): Action | undefined {
  if (errorCode === null || !/^\d+$/.test(errorCode)) return undefined;
  return actionOf({
    code: Number(errorCode),
    subcode: null,
    httpStatus: 400,
    transient: false,
    details: "",
  });
}

/** Whether sending the same again can only fail again: the person, not the moment or our message, is the reason. */
export function isPermanent(errorCode: string | null): boolean {
  const action = actionOfCode(errorCode);
  return action === "FAIL" || action === "FAIL_COUNTRY" || action === "OPT_OUT";
}

/** Whether Meta wants a day to pass before it is tried again. */
export function isWithheld(errorCode: string | null): boolean {
  return actionOfCode(errorCode) === "DEFER_24H";
}
