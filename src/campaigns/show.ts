import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import type { Campaign, CampaignStatistics } from "./campaign.ts";
import text from "./campaigns.sql";
import { findCampaign } from "./find.ts";
import { type Forecast, forecastOf } from "./forecast.ts";

const sql = namedQueries(text, "countByStatus", "countSkips", "countFailures", "sendingPace");

export interface CampaignDetails extends Campaign {
  /** messages by what became of them; a status that none has is left out */
  byStatus: Record<string, number>;
  skipReasons: Record<string, number>;
  failures: { code: string | null; example: string | null; count: number }[];
  /** for what is left, while it runs or is paused; before it is written out, `preview` knows */
  forecast: Forecast | null;
}

interface Pace {
  now: Date;
  scheduledAt: Date | null;
  throughputPerSecond: number | null;
  isExpanded: boolean;
}

/** A campaign with its messages counted by what became of them. As operator. @throws UserError (4) with near names */
export async function showCampaign(
  tx: Transaction,
  organizationId: string,
  nameOrId: string,
): Promise<CampaignDetails> {
  const campaign = await findCampaign(tx, organizationId, nameOrId);
  const parameters = [organizationId, campaign.id];
  const statuses = await tx.query<{ status: string; count: number }>(sql.countByStatus, parameters);
  const skips = await tx.query<{ reason: string; count: number }>(sql.countSkips, parameters);
  const failures = await tx.query<CampaignDetails["failures"][number]>(sql.countFailures, parameters);
  const pace = await tx.one<Pace>(sql.sendingPace, parameters);
  const byStatus = Object.fromEntries(statuses.map(({ status, count }) => [status, count]));
  return {
    ...campaign,
    statistics: inOrder(campaign.statistics),
    byStatus,
    skipReasons: Object.fromEntries(skips.map(({ reason, count }) => [reason, count])),
    failures,
    forecast: forecastLeft(campaign, byStatus.pending ?? 0, pace),
  };
}

function forecastLeft(
  { status, rateLimiting }: Campaign,
  messages: number,
  pace: Pace | undefined,
): Forecast | null {
  const isUnderWay = (status === "running" || status === "paused") && pace?.isExpanded === true;
  if (!isUnderWay || pace.throughputPerSecond === null) return null;
  return forecastOf({ messages, startsAt: pace.now, throughput: pace.throughputPerSecond, rateLimiting });
}

/** As people read them; jsonb orders its keys by their length. */
function inOrder(s: CampaignStatistics): CampaignStatistics {
  return {
    totalTargets: s.totalTargets,
    messagesSent: s.messagesSent,
    messagesDelivered: s.messagesDelivered,
    messagesRead: s.messagesRead,
    messagesFailed: s.messagesFailed,
    messagesSkipped: s.messagesSkipped,
    repliesReceived: s.repliesReceived,
    optOuts: s.optOuts,
    deliveryRate: s.deliveryRate,
    openRate: s.openRate,
    replyRate: s.replyRate,
  };
}
