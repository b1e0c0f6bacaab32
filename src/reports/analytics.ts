import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import text from "./reports.sql";
import type { Window } from "./window.ts";

const sql = namedQueries(text, "analyticsByDay", "analyticsByCampaign", "topCampaigns", "totalsByDay");

/** Messages and what came of them, on the day on which they were sent; rates in percent of sent, two decimals. */
export interface Numbers {
  messagesSent: number;
  messagesDelivered: number;
  messagesRead: number;
  messagesFailed: number;
  repliesReceived: number;
  optOuts: number;
  deliveryRate: number;
  openRate: number;
  replyRate: number;
}

export interface CampaignNumbers extends Numbers {
  campaignType: "bulk" | "drip";
  campaign: string;
}

export interface DayNumbers extends CampaignNumbers {
  /** the organization's local day, "2026-11-24" */
  date: string;
}

/** A line a day and campaign, latest day first, then by name. As operator. */
export function analyticsByDay(
  tx: Transaction,
  organizationId: string,
  window: Window,
  campaignIds?: readonly string[] | null,
): Promise<DayNumbers[]> {
  return tx.query(sql.analyticsByDay, [organizationId, window.since, window.until, campaignIds ?? null]);
}

/** What a day's campaigns have together. */
export type DayTotals = Omit<Numbers, "deliveryRate" | "openRate" | "replyRate"> & { date: string };

/** A line a day on which anything was sent or failed, first day first. As operator. */
export function totalsByDay(
  tx: Transaction,
  organizationId: string,
  window: Window,
  campaignIds?: readonly string[] | null,
): Promise<DayTotals[]> {
  return tx.query(sql.totalsByDay, [organizationId, window.since, window.until, campaignIds ?? null]);
}

/** A line a campaign, its days together, by name. As operator. */
export function analyticsByCampaign(
  tx: Transaction,
  organizationId: string,
  window: Window,
  campaignIds?: readonly string[] | null,
): Promise<CampaignNumbers[]> {
  return tx.query(sql.analyticsByCampaign, [organizationId, window.since, window.until, campaignIds ?? null]);
}

export interface TopCampaign {
  name: string;
  messagesSent: number;
  deliveryRate: number;
  replyRate: number;
}

/** Broadcasts with messages in these days, best reply rate first. As operator. */
export function topCampaigns(
  tx: Transaction,
  organizationId: string,
  window: Window,
  limit: number,
  campaignIds?: readonly string[] | null,
): Promise<TopCampaign[]> {
  return tx.query(sql.topCampaigns, [organizationId, window.since, window.until, campaignIds ?? null, limit]);
}

/** The sum of lines, with its own rates. */
export function totalOf(lines: readonly Omit<Numbers, "deliveryRate" | "openRate" | "replyRate">[]): Numbers {
  const sum = (key: keyof Omit<Numbers, "deliveryRate" | "openRate" | "replyRate">) =>
    lines.reduce((total, line) => total + line[key], 0);
  const messagesSent = sum("messagesSent");
  const rate = (count: number) =>
    messagesSent === 0 ? 0 : Math.round((10_000 * count) / messagesSent) / 100;
  const [messagesDelivered, messagesRead, repliesReceived] = [
    sum("messagesDelivered"),
    sum("messagesRead"),
    sum("repliesReceived"),
  ];
  return {
    messagesSent,
    messagesDelivered,
    messagesRead,
    messagesFailed: sum("messagesFailed"),
    repliesReceived,
    optOuts: sum("optOuts"),
    deliveryRate: rate(messagesDelivered),
    openRate: rate(messagesRead),
    replyRate: rate(repliesReceived),
  };
}
