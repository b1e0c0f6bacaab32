import { UserError } from "../errors.ts";

/** How many marketing messages a person gets within so many times 24 hours, at most: broadcasts and drips together. */
export interface FrequencyCap {
  messages: number;
  days: number;
}

/**
 * From a flag: `2/7d`, or `none`.
 * @returns null for none
 * @throws UserError when it is neither
 */
export function readFrequencyCap(text: string): FrequencyCap | null {
  if (text === "none") return null;
  const match = /^([1-9]\d{0,3})\/([1-9]\d{0,2})d$/.exec(text);
  const [messages, days] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || days > 365)
    throw new UserError(`--frequency-cap takes messages per days (365 at most), or none; it got "${text}"`, {
      hint: "For example: adsapp org set --frequency-cap 2/7d",
    });
  return { messages, days };
}
