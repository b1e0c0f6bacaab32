import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import type { Kind } from "./kind.ts";
import { limitsOf } from "./limits.ts";
import text from "./look.sql";
import type { Borrowed } from "./pair-pace.ts";
import { lookOfLane } from "./statements.ts";

const sql = namedQueries(text, "ofCampaigns", "ofDirect");
const LOOK: Record<Kind, string> = {
  b: lookOfLane("b", sql.ofCampaigns),
  d: lookOfLane("d", sql.ofCampaigns),
  m: lookOfLane("m", sql.ofDirect),
};
const ANY_CLASS = 2;

/** What a claim would do with so many messages. */
export interface Foreseen {
  /** '' for the direct queue */
  campaignId: string;
  becomes: "send" | "skip" | "wait";
  /** why it skips, or what keeps them */
  reason: string | null;
  messages: number;
  until: Date | null;
}

/**
 * What claims of up to `size` messages of each kind would do with a lane's due messages at this moment, by their own SQL. It
 * writes and locks nothing. As worker. Nothing of a lane that nobody may take: halted, at rest, of a paused organization.
 * @param pairs what the lane sent to whom of late
 */
export async function lookAtLane(
  tx: Transaction,
  lane: { id: string },
  size: number,
  { contacts, seconds }: Borrowed,
): Promise<Record<Kind, Foreseen[]>> {
  const { isCapped, portfolioId, hasDirect, hasLogs } = await limitsOf(tx, lane);
  const limits = [isCapped, portfolioId, contacts, seconds];
  const look = (kind: Kind, parameters: unknown[]) => tx.query<Foreseen>(LOOK[kind], parameters);
  return {
    m: hasDirect ? await look("m", [lane.id, null, size]) : [],
    d: hasLogs ? await look("d", [lane.id, null, size, null, ...limits]) : [],
    b: await look("b", [lane.id, null, size, null, ...limits, ANY_CLASS]),
  };
}
