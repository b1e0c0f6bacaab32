import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import text from "./breakdowns.sql";
import type { Window } from "./window.ts";

const sql = namedQueries(text, "agentNumbers", "channelNumbers", "templateNumbers");

/** An agent's work; times in seconds, null where nothing happened that has one. The first columns are the source document's. */
export interface AgentNumbers {
  /** with byDay only, as everywhere here */
  date: string | null;
  fullName: string;
  totalConvos: number;
  /** to a first answer, the average of the agent's days */
  avgResponse: number | null;
  /** 1 to 5 */
  csat: number | null;
  messagesSent: number;
  /** to any answer */
  avgNextResponse: number | null;
  avgResolution: number | null;
  onlineTime: number;
}

/** A line an agent, most conversations first. As operator. */
export function agentNumbers(
  tx: Transaction,
  organizationId: string,
  window: Window,
  byDay = false,
): Promise<AgentNumbers[]> {
  return tx.query(sql.agentNumbers, [organizationId, window.since, window.until, byDay]);
}

export interface ChannelNumbers {
  date: string | null;
  source: string;
  type: string;
  code: string | null;
  /** opened in these days */
  conversations: number;
  /** of all conversations of the answer, in percent */
  share: number;
}

/** A line a channel source, most conversations first. As operator. */
export function channelNumbers(
  tx: Transaction,
  organizationId: string,
  window: Window,
  byDay = false,
): Promise<ChannelNumbers[]> {
  return tx.query(sql.channelNumbers, [organizationId, window.since, window.until, byDay]);
}

/** As of a campaign: by the day on which a message was sent, rates in percent of sent. */
export interface TemplateNumbers {
  date: string | null;
  template: string;
  language: string;
  category: string | null;
  messagesSent: number;
  messagesDelivered: number;
  messagesRead: number;
  messagesFailed: number;
  repliesReceived: number;
  deliveryRate: number;
  openRate: number;
  replyRate: number;
}

/** A line a template and language, most sent first. As operator. */
export function templateNumbers(
  tx: Transaction,
  organizationId: string,
  window: Window,
  byDay = false,
): Promise<TemplateNumbers[]> {
  return tx.query(sql.templateNumbers, [organizationId, window.since, window.until, byDay]);
}
