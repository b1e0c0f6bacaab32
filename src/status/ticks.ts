import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import text from "./ticks.sql";

const sql = namedQueries(text, "ticks");

/** A tick that ran, on whichever host. */
export interface TickRun {
  id: string;
  host: string;
  pid: number;
  startedAt: Date;
  /** null: it runs, or it was killed */
  finishedAt: Date | null;
  seconds: number | null;
  /** whole minutes between the tick before it and this one; null: it is the first */
  missedMinutes: number | null;
  sent: number;
  failed: number;
  /** webhook bodies that it applied */
  inbox: number;
  error: string | null;
}

/** The history of ticks, the newest first. As worker. @param limit how many */
export function lastTicks(tx: Transaction, limit: number): Promise<TickRun[]> {
  return tx.query<TickRun>(sql.ticks, [limit]);
}
