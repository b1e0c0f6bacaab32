import type { Outcome } from "./outcomes.ts";

const IN_A_ROW = 5;
const SHARE = 0.2;
const LAST = 100;
const SAMPLE = 20;

interface Tally {
  inARow: number;
  /** the last hundred outcomes, true where the fault was ours */
  last: boolean[];
}

/**
 * Stops a campaign whose definition or request is at fault: five such failures in a row, or 20 % of the last 100
 * (once there are 20), instead of failing a whole audience one by one (design: sending, outcomes, FIX).
 */
export class Breaker {
  readonly #tallies = new Map<string, Tally>();

  /** @returns the reason to pause the campaign, once it has come to that */
  heard(campaignId: string, outcome: Outcome): string | undefined {
    const fault = outcome.effect === "our_fault";
    const tally = this.#tallies.get(campaignId) ?? { inARow: 0, last: [] };
    this.#tallies.set(campaignId, tally);
    tally.inARow = fault ? tally.inARow + 1 : 0;
    tally.last.push(fault);
    if (tally.last.length > LAST) tally.last.shift();
    if (!fault) return undefined;
    const faults = tally.last.filter(Boolean).length;
    if (tally.inARow < IN_A_ROW && (tally.last.length < SAMPLE || faults < SHARE * tally.last.length))
      return undefined;
    return `${faults} of the last ${tally.last.length} messages were refused as wrong; the last: ${outcome.errorCode} ${outcome.error}`;
  }
}
