import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { APP_RECOVERY_SECONDS } from "../sending/effects.ts";
import { lateFailureOf } from "../sending/outcomes.ts";
import type { OwnedNotice } from "./heed-notices.ts";
import type { Aftermath } from "./late-failures.ts";
import text from "./notices.sql";
import type { Notice } from "./notices.ts";
import type { Status } from "./statuses.ts";

const sql = namedQueries(text, "stillThrottled");

/** A number has its rate back within seconds, but its news takes a while to come. */
const NEWS_SECONDS = 60;

/** An error of a number that is about no message of ours: beside none, or beside one that another system sent. */
export interface NumberError {
  senderId: string;
  at: Date;
  errorCode: number | null;
  error: string | null;
}

/** Of what is news: a body that comes again says nothing of this moment. */
export function errorsOfNotices(notices: readonly Notice[], owned: readonly OwnedNotice[]): NumberError[] {
  return notices.flatMap(({ errorCode, message }, n) => {
    const { senderId = null, isNews, at } = owned[n] as OwnedNotice;
    return errorCode === null || senderId === null || !isNews
      ? []
      : [{ senderId, at, errorCode, error: message }];
  });
}

export function errorsOfStrangers(
  statuses: readonly Status[],
  senderOf: (status: Status) => string | null,
): NumberError[] {
  return statuses.flatMap((status) => {
    const senderId = status.errorCode === null ? null : senderOf(status);
    const { at, errorCode, error } = status;
    return senderId === null ? [] : [{ senderId, at, errorCode: Number(errorCode), error }];
  });
}

/**
 * Meta's throttling of a number, wherever it tells of it, has the lane go slower (design: sending, outcomes: SLOW, SLOW_APP).
 * @returns what is to follow once the transaction is committed (heedFailures)
 */
export async function throttlesOf(tx: Transaction, errors: readonly NumberError[]): Promise<Aftermath[]> {
  const slowing = errors.flatMap((one) => {
    const { effect } = lateFailureOf(one.errorCode, one.error ?? "");
    return effect === "slow" || effect === "slow_account" ? [{ ...one, effect }] : [];
  });
  if (slowing.length === 0) return [];
  const rows = await tx.query<{ n: number }>(sql.stillThrottled, [
    slowing.map(({ senderId }) => senderId),
    slowing.map(({ at }) => at),
    slowing.map(({ effect }) => (effect === "slow_account" ? APP_RECOVERY_SECONDS : NEWS_SECONDS)),
  ]);
  return rows.map(({ n }) => {
    const { senderId, effect, errorCode, error } = slowing[n - 1] as (typeof slowing)[number];
    return {
      effect,
      sender: { id: senderId },
      kind: "m",
      campaignId: "",
      phone: null,
      errorCode: String(errorCode),
      error,
    };
  });
}
