import { countryPrefixes } from "../contacts/country.ts";
import type { Database } from "../db/database.ts";
import type { Kind } from "./kind.ts";
import { closeCountry, haltSenders, pauseCampaign, slowSenders } from "./lane.ts";
import type { Effect } from "./outcomes.ts";
import { RECOVERY_SECONDS } from "./pace.ts";

/** An app's budget of calls comes back by the hour, a number's throughput within seconds. */
export const APP_RECOVERY_SECONDS = 600;
/** A shorter rest is kept inside the lane; a longer one gives the lane back, and nobody takes it before. */
export const LONGEST_REST_IN_LANE = 5;

type LaneEffect = Extract<Effect, "slow" | "slow_account" | "halt_sender" | "halt_account">;

/** Whether it is about the number or its account, whatever was sent. */
export function concernsLane(effect: Effect | undefined): effect is LaneEffect {
  return effect !== undefined && ["slow", "slow_account", "halt_sender", "halt_account"].includes(effect);
}

/** Whom an outcome concerned. */
export interface Concerned {
  sender: { id: string };
  kind: Kind;
  campaignId: string;
  /** E.164; null: known by a user id only */
  phone: string | null;
}

/**
 * What an error means beside its row, for every host and the ticks to come: lanes go slower, campaigns pause, senders halt
 * (design: sending, outcomes). `our_fault` is left to the breaker.
 * @param why code and details, as people read them
 */
export async function applyEffect(
  database: Database,
  effect: Effect,
  { sender, kind, campaignId, phone }: Concerned,
  why: string,
  restSeconds = 0,
): Promise<void> {
  switch (effect) {
    case "slow":
    case "slow_account":
      return slowSenders(database, sender, {
        wholeToken: effect === "slow_account",
        recoverySeconds: effect === "slow_account" ? APP_RECOVERY_SECONDS : RECOVERY_SECONDS,
        restSeconds: restSeconds > LONGEST_REST_IN_LANE ? restSeconds : 0,
      });
    case "close_country": {
      const prefixes = phone === null || kind !== "b" ? [] : await countryPrefixes(phone);
      if (prefixes.length > 0) await closeCountry(database, campaignId, prefixes);
      return;
    }
    case "pause_campaign":
      return kind === "m" ? undefined : pauseCampaign(database, kind, campaignId, why);
    case "halt_sender":
    case "halt_account":
      return haltSenders(database, sender, why, effect === "halt_account");
    case "our_fault":
  }
}
