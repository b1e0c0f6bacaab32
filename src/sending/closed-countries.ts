import { countryPrefixes } from "../contacts/country.ts";
import type { Database } from "../db/database.ts";
import type { ClaimedJob } from "./claim.ts";
import { closeCountry } from "./lane.ts";

type Recipient = Pick<ClaimedJob, "kind" | "campaignId" | "phone">;

/** Countries that Meta does not let this account write to (130497), by campaign, as this lane has learned. */
export class ClosedCountries {
  readonly #prefixes = new Map<string, string[]>();

  has({ campaignId, phone }: Recipient): boolean {
    return this.#prefixes.get(campaignId)?.some((prefix) => phone?.startsWith(prefix)) ?? false;
  }

  /** One recipient was refused for their country: what is left of a broadcast there is skipped, a drip's as each comes up. */
  async close(database: Database, { kind, campaignId, phone }: Recipient): Promise<void> {
    if (phone === null || this.has({ kind, campaignId, phone })) return;
    const prefixes = await countryPrefixes(phone);
    if (this.has({ kind, campaignId, phone })) return; // the next one of the same moment
    this.#prefixes.set(campaignId, [...(this.#prefixes.get(campaignId) ?? []), ...prefixes]);
    if (kind === "b" && prefixes.length > 0) await closeCountry(database, campaignId, prefixes);
  }
}
