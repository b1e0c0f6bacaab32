import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { type Action, knownError } from "../sending/error-codes.ts";
import text from "./breakdowns.sql";
import type { Window } from "./window.ts";

const sql = namedQueries(text, "failureNumbers");

export interface FailureNumbers {
  /** by day only */
  date: string | null;
  /** by campaign only */
  campaign: string | null;
  /** Meta's, or a word of ours; "none" where nothing came back */
  errorCode: string;
  failures: number;
  /** of all failures of the answer, in percent */
  share: number;
  meaning: string;
  whatToDo: string;
}

export type FailuresBy = "code" | "campaign" | "day";

/** Failed messages by error code, most first, on the day on which they were sent or refused. As operator. */
export async function failureNumbers(
  tx: Transaction,
  organizationId: string,
  window: Window,
  by: FailuresBy = "code",
  campaignIds: readonly string[] | null = null,
): Promise<FailureNumbers[]> {
  const lines = await tx.query<Omit<FailureNumbers, "meaning" | "whatToDo">>(sql.failureNumbers, [
    organizationId,
    window.since,
    window.until,
    by === "day",
    by === "campaign",
    campaignIds,
  ]);
  return lines.map((line) => ({ ...line, ...adviceOn(line.errorCode) }));
}

interface Advice {
  meaning: string;
  whatToDo: string;
}

/** What an error code means and what a person can do about it. Codes of Meta: sending/error-codes.json. */
export function adviceOn(errorCode: string): Advice {
  const own = OWN[errorCode];
  if (own !== undefined) return own;
  if (errorCode.startsWith("http_"))
    return {
      meaning: `The API answered HTTP ${errorCode.slice(5)} without a code`,
      whatToDo: "Look at one of them (job show); try them again when the cause is gone (campaign retry).",
    };
  const known = /^\d+$/.test(errorCode) ? knownError(Number(errorCode)) : undefined;
  if (known === undefined) return { meaning: "Not a code that is known here", whatToDo: LOOK };
  return { meaning: known.meaning, whatToDo: TO_DO[known.action] };
}

const LOOK = "Look at one of them: job list --status failed, job show.";

const TO_DO: Record<Action, string> = {
  RETRY: "Meta's trouble, which outlasted three attempts. Try them again: campaign retry --failed.",
  SLOW: "Meta asked to go slower. Lower the sender's throughput, then campaign retry --failed.",
  SLOW_APP: "A limit of the whole account. Send less at a time, then campaign retry --failed.",
  PAIR_WAIT: "Too many messages to one person in a short time. Space them out.",
  DEFER_24H: "Meta withholds marketing that this person may not want. Send to them less often.",
  FAIL: "Nothing to mend: these numbers cannot be reached. Clean the list; do not try again.",
  FAIL_COUNTRY: "Meta does not deliver to this country. Leave it out of the audience.",
  OPT_OUT: "Nothing to mend: they stopped marketing at WhatsApp, which is recorded as an opt-out.",
  FIX: "The message itself is wrong. Check it with campaign validate and template preview, mend it, then campaign retry --failed.",
  MEDIA: "The media could not be used. Check its link, type and size, then campaign retry --failed.",
  STOP_CAMPAIGN: "The template cannot be used. template sync shows its state; mend it, then campaign resume.",
  STOP_NUMBER: "The sender's number is not usable. See sender show; mend it at Meta, then sender resume.",
  STOP_ALL: "The account or its token is not usable. Mend it at Meta, then sender resume.",
  REG: "The number is not registered as it should be. Mend it at Meta, then sender resume.",
  NONE: LOOK,
};

/** The words that adsapp itself writes where Meta gave no code. */
const OWN: Readonly<Record<string, Advice>> = {
  none: { meaning: "No code came back", whatToDo: LOOK },
  unsent: {
    meaning: "The request never reached the API",
    whatToDo: "Check the network and the sender's URL, then campaign retry --failed.",
  },
  crash: {
    meaning: "A process ended before the answer was written down",
    whatToDo: "Settle them: job list --status unknown, job resolve.",
  },
  unknown: {
    meaning: "Nobody knows whether it went out",
    whatToDo: "Settle them: job list --status unknown, job resolve.",
  },
  missing_variable: {
    meaning: "The message has a variable that the contact has no value for",
    whatToDo: "Give the variable a default, or import what is missing; then campaign retry --failed.",
  },
  country_not_allowed: {
    meaning: "Meta does not deliver to this country",
    whatToDo: "Leave it out of the audience.",
  },
};
