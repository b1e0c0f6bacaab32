import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import type { Lane } from "./lane.ts";
import text from "./limits.sql";
import { lookStatement } from "./statements.ts";

const sql = namedQueries(text, "lockLimits", "forgetReached", "clearReached", "countReached");

/** What binds a lane's claims, its rows locked until the transaction ends. */
export interface Limits {
  /** the organization has a frequency cap */
  isCapped: boolean;
  /** the portfolio whose messaging limit binds; null: none does */
  portfolioId: string | null;
  /** logs of drips are due in the lane */
  hasLogs: boolean;
  /** messages wait in its direct queue */
  hasDirect: boolean;
}

/** What binds a lane at this moment, without locking it; isUncounted: the next claim counts the messaging limit first. */
export async function limitsOf(
  tx: Transaction,
  lane: { id: string },
): Promise<Limits & { isUncounted: boolean }> {
  const found = await tx.one<Limits & { isUncounted: boolean }>(lookStatement(sql.lockLimits), [lane.id]);
  return (
    found ?? { isCapped: false, portfolioId: null, hasLogs: false, hasDirect: false, isUncounted: false }
  );
}

/**
 * Locks the rows by which the lane's limits are counted (where it has any), and brings the count of its portfolio up to
 * date. Lanes that share a limit claim one after the other.
 */
export async function lockLimits(tx: Transaction, lane: Lane): Promise<Limits> {
  const [found] = await tx.prepared<Limits & { isUncounted: boolean }>(sql.lockLimits, [lane.id]);
  const {
    isCapped = false,
    portfolioId = null,
    isUncounted = false,
    hasLogs = false,
    hasDirect = false,
  } = found ?? {};
  if (portfolioId === null) return { isCapped, portfolioId, hasLogs, hasDirect };
  if (isUncounted) await tx.run(sql.clearReached, [portfolioId]);
  await tx.run(isUncounted ? sql.countReached : sql.forgetReached, [portfolioId]);
  return { isCapped, portfolioId, hasLogs, hasDirect };
}
