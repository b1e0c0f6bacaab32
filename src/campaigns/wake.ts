import type { Database, Transaction } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import type { DueRecurring } from "./recurring.ts";
import text from "./wake.sql";

const sql = namedQueries(
  text,
  "wakeCampaigns",
  "dueRecurring",
  "judgeCanaries",
  "lockExpired",
  "expireJobs",
  "closeExpired",
  "pauseLate",
  "late",
  "canaries",
);

const JUDGE_CANARIES = withCanaries(sql.judgeCanaries);
const PAUSE_LATE = withLate(sql.pauseLate);

export interface Woken {
  started: number;
  /** scheduled, but too late, or with a template that Meta does not send; running, but unable to send for too long; a canary that went badly */
  paused: number;
  /** messages that were not sent before their campaign's sendBefore */
  expired: number;
}

/**
 * What the time of day changes: scheduled campaigns that are due start, recurring ones get their occurrence, what is left after sendBefore is skipped, canaries
 * are judged, and a campaign that is later than its maxLateness pauses instead of blasting out.
 */
export async function wakeCampaigns(database: Database, organizationId?: string): Promise<Woken> {
  const parameters = [organizationId ?? null];
  const run = (query: string) => database.transaction(worker, (tx) => tx.run(query, parameters));
  const woken = await database.transaction(worker, async (tx) => [
    ...(await tx.query<{ status: string }>(sql.wakeCampaigns, parameters)),
    ...(await wakeRecurring(tx, parameters)),
  ]);
  const started = woken.filter(({ status }) => status === "running").length;
  const paused = woken.filter(({ status }) => status === "paused").length;
  const expired = await database.transaction(worker, (tx) => expire(tx, parameters));
  const canaries = await run(JUDGE_CANARIES);
  const late = await run(PAUSE_LATE);
  return { started, paused: paused + canaries + late, expired };
}

/** A query that holds LATE: running campaigns that a tick would pause for it, with the time since which they could have sent. */
export function withLate(query: string): string {
  return query.replace("LATE", () => sql.late);
}

/** A query that holds CANARIES: CTEs of which the last, judged, has the verdict on each canary whose wait is over. */
export function withCanaries(query: string): string {
  return query.replace("CANARIES", () => sql.canaries);
}

/** Cron expressions are read only where a recurring campaign is due. */
async function wakeRecurring(tx: Transaction, parameters: unknown[]): Promise<{ status: string }[]> {
  const due = await tx.query<DueRecurring>(sql.dueRecurring, parameters);
  if (due.length === 0) return [];
  const { runOccurrences } = await import("./recurring.ts");
  return runOccurrences(tx, due);
}

async function expire(tx: Transaction, parameters: unknown[]): Promise<number> {
  const runs = await tx.query<{ campaignId: string }>(sql.lockExpired, parameters);
  if (runs.length === 0) return 0;
  const ids = [...new Set(runs.map(({ campaignId }) => campaignId))];
  const expired = await tx.run(sql.expireJobs, [ids]);
  await tx.run(sql.closeExpired, [ids]);
  return expired;
}
