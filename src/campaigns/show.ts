import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import type { Campaign } from "./campaign.ts";
import text from "./campaigns.sql";
import { findCampaign } from "./find.ts";
import { type Forecast, forecastOf } from "./preview.ts";

const sql = namedQueries(text, "countByStatus", "countSkips", "countFailures");

export interface CampaignDetails extends Campaign {
  byStatus: Record<string, number>;
  /** unknown outcomes that wait for a person */
  held: number;
  skipReasons: Record<string, number>;
  failures: { code: string | null; example: string | null; count: number }[];
  forecast: Forecast;
}

/** A campaign with its messages counted by what became of them. As operator. */
export async function showCampaign(tx: Transaction, organizationId: string, nameOrId: string): Promise<CampaignDetails> {
  const campaign = await findCampaign(tx, organizationId, nameOrId);
  const parameters = [organizationId, campaign.id];
  const statuses = await tx.query<{ status: string; count: number; held: number }>(sql.countByStatus, parameters);
  const skips = await tx.query<{ reason: string; count: number }>(sql.countSkips, parameters);
  const failures = await tx.query<CampaignDetails["failures"][number]>(sql.countFailures, parameters);
  const byStatus = Object.fromEntries(statuses.map((row) => [row.status, row.count]));
  const sender = await tx.one<{ throughputPerSecond: number }>("select throughput_per_second from senders where organization_id = $1 and name = $2", [organizationId, campaign.sender]);
  return {
    ...campaign,
    byStatus,
    held: statuses.reduce((sum, row) => sum + row.held, 0),
    skipReasons: Object.fromEntries(skips.map((row) => [row.reason, row.count])),
    failures,
    forecast: forecastOf(byStatus.pending ?? 0, sender?.throughputPerSecond ?? null, campaign.rateLimiting),
  };
}
