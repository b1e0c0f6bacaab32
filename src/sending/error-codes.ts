import codes from "./error-codes.json" with { type: "json" };

/** What a bulk sender does about an error (outcomes.ts has the consequence of each, failures.ts what is left for a person). */
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

/** An error of Meta's. Everything that is known of one is a row of error-codes.json. */
export interface KnownError {
  first: number;
  /** of a range; of a single code the same as `first` */
  last: number;
  meaning: string;
  action: Action;
  /** how long a retry waits at least */
  waitSeconds: number;
}

interface Row {
  /** `131000`, or a range, `200-299` */
  code: string;
  meaning: string;
  action: string;
  waitSeconds?: number;
}

export const KNOWN_ERRORS: readonly KnownError[] = (codes as Row[]).map(
  ({ code, meaning, action, waitSeconds = 0 }) => {
    const [first = Number.NaN, last = first] = code.split("-").map(Number);
    return { first, last, meaning, action: action as Action, waitSeconds };
  },
);

export function knownError(code: number): KnownError | undefined {
  return KNOWN_ERRORS.find(({ first, last }) => code >= first && code <= last);
}

/** The one code of FAIL that says that the number cannot be reached at all, which is remembered of the person. */
export const UNDELIVERABLE = 131026;
