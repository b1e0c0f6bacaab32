import { isOurFault, type Outcome } from "./outcomes.ts";

const IN_A_ROW = 5;
const SHARE = 0.2;
const LAST = 100;
const SAMPLE = 20;

/**
 * Stops a campaign whose definition or request is at fault: five such failures in a row, or 20 % of the last 100
 * (once there are 20), instead of failing a whole audience one by one (design: sending, outcomes, FIX).
 */
export class Breaker {
  /** of each campaign the last hundred outcomes, true where the fault was ours */
  readonly #tallies = new Map<string, boolean[]>();
  readonly #remembered = new Set<string>();

  /** @returns the reason to pause the campaign, once it has come to that */
  heard(campaignId: string, outcome: Outcome): string | undefined {
    const fault = outcome.effect === "our_fault";
    const tally = this.#tallies.get(campaignId) ?? [];
    this.#tallies.set(campaignId, tally);
    tally.push(fault);
    if (tally.length > LAST) tally.shift();
    return fault && isTripped(tally) ? reasonFor(tally, outcome) : undefined;
  }

  /** True once for each campaign, at its first fault: then it matters what came of its messages before this lane. */
  wantsToRemember(campaignId: string): boolean {
    if (this.#remembered.has(campaignId)) return false;
    this.#remembered.add(campaignId);
    return true;
  }

  /**
   * What came before, so that a campaign of one message a tick is stopped too.
   * @param errorCodes oldest first, null where it went well
   * @returns the reason to pause the campaign, if that is enough with what was heard since
   */
  remember(
    campaignId: string,
    errorCodes: readonly (string | null)[],
    last: Pick<Outcome, "errorCode" | "error">,
  ): string | undefined {
    const tally = [...errorCodes.map(isOurFault), ...(this.#tallies.get(campaignId) ?? [])].slice(-LAST);
    this.#tallies.set(campaignId, tally);
    return isTripped(tally) ? reasonFor(tally, last) : undefined;
  }
}

/** How near a campaign is to it, in words. @param errorCodes of its last answered messages, null where it went well */
export function breakerWords(errorCodes: readonly (string | null)[]): string {
  if (errorCodes.length === 0) return "none of its messages was answered yet";
  const faults = errorCodes.filter(isOurFault).length;
  return `${faults} of the last ${errorCodes.length} were refused as wrong; ${IN_A_ROW} in a row, or ${SHARE * 100} % of ${SAMPLE} and more, pause it`;
}

function isTripped(tally: readonly boolean[]): boolean {
  const faults = tally.filter(Boolean).length;
  const inARow = tally.length - 1 - tally.lastIndexOf(false);
  return inARow >= IN_A_ROW || (tally.length >= SAMPLE && faults >= SHARE * tally.length);
}

function reasonFor(tally: readonly boolean[], last: Pick<Outcome, "errorCode" | "error">): string {
  const faults = tally.filter(Boolean).length;
  return `${faults} of the last ${tally.length} messages were refused as wrong; the last: ${last.errorCode} ${last.error}`;
}
