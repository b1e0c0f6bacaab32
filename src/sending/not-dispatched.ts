import type { Outcome } from "./outcomes.ts";

/** Claimed, and not dispatched: as if it had never been claimed. */
export const HANDED_BACK: Outcome = {
  row: "handback",
  afterSeconds: 0,
  errorCode: null,
  error: null,
  providerMessageId: null,
};

export const COUNTRY_CLOSED: Outcome = {
  ...HANDED_BACK,
  row: "skip",
  errorCode: "country_not_allowed",
  error: "the account may not message this country",
};

/** The contact lacks what the message needs. */
export function missingVariable(name: string): Outcome {
  return {
    row: "skip",
    afterSeconds: 0,
    errorCode: "missing_variable",
    error: `the contact has no ${name}`,
    providerMessageId: null,
  };
}
