import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import type { Campaign, CampaignStatistics } from "./campaign.ts";
import text from "./campaigns.sql";
import { settingsOf } from "./definition.ts";
import { findCampaign } from "./find.ts";
import { type Circumstances, type Outlook, outlookWith } from "./outlook.ts";
import { circumstancesOf } from "./preview-audience.ts";

const sql = namedQueries(
  text,
  "countByStatus",
  "countSkips",
  "countFailures",
  "countByVariant",
  "sendingPace",
);

export interface CampaignDetails extends Campaign {
  /** messages by what became of them; a status that none has is left out */
  byStatus: Record<string, number>;
  skipReasons: Record<string, number>;
  /** of an A/B test: who was given which, and how they took it */
  byVariant: VariantCounts[];
  failures: { code: string | null; example: string | null; count: number }[];
  /** while it is not known how the canary went: the others wait for it. null: it has none, or it went well, or a person resumed the campaign */
  canary: Canary | null;
  /** for what is left, while it runs or is paused, with what holds it up; before it is written out, `preview` knows */
  forecast: Outlook | null;
}

export interface VariantCounts {
  name: string;
  targets: number;
  sent: number;
  delivered: number;
  read: number;
  replied: number;
  optedOut: number;
}

export interface Canary {
  messages: number;
  dispatched: number;
  /** when it is looked at how they went, at the earliest; null: not all of them are out */
  judgedAt: Date | null;
}

interface Pace {
  now: Date;
  scheduledAt: Date | null;
  throughputPerSecond: number | null;
  isExpanded: boolean;
  canary: (Omit<Canary, "judgedAt"> & { judgedAt: string | null }) | null;
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
  const byVariant =
    campaign.variants.length === 0 ? [] : await tx.query<VariantCounts>(sql.countByVariant, parameters);
  const pace = await tx.one<Pace>(sql.sendingPace, parameters);
  const circumstances = isUnderWay(campaign, pace)
    ? await circumstancesOf<Circumstances>(tx, organizationId, campaign.sender, campaign.name)
    : undefined;
  const byStatus = Object.fromEntries(statuses.map(({ status, count }) => [status, count]));
  return {
    ...campaign,
    statistics: inOrder(campaign.statistics),
    byStatus,
    skipReasons: Object.fromEntries(skips.map(({ reason, count }) => [reason, count])),
    byVariant,
    failures,
    canary: canaryOf(campaign, pace),
    forecast: forecastLeft(campaign, byStatus.pending ?? 0, pace, circumstances),
  };
}

function isUnderWay({ status }: Pick<Campaign, "status">, pace: Pace | undefined): boolean {
  return (status === "running" || status === "paused") && pace?.isExpanded === true;
}

function forecastLeft(
  { status, rateLimiting, settings }: Campaign,
  messages: number,
  pace: Pace | undefined,
  circumstances: Circumstances | undefined,
): Outlook | null {
  if (pace === undefined || pace.throughputPerSecond === null || circumstances === undefined) return null;
  const judgedAt = canaryOf({ status }, pace)?.judgedAt ?? pace.now;
  const startsAt = judgedAt > pace.now ? judgedAt : pace.now;
  const work = { messages, startsAt, throughput: pace.throughputPerSecond, rateLimiting };
  const { respectBusinessHours, quietHours } = settingsOf({ settings });
  return outlookWith(work, { respectBusinessHours, quietHours }, circumstances);
}

function canaryOf({ status }: Pick<Campaign, "status">, pace: Pace | undefined): Canary | null {
  const canary = pace?.canary ?? null;
  if (canary === null || (status !== "running" && status !== "paused")) return null;
  return { ...canary, judgedAt: canary.judgedAt === null ? null : new Date(canary.judgedAt) };
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
