import { join } from "node:path";
import { readConfig } from "../config.ts";
import type { Database } from "../db/database.ts";
import type { TickReport } from "../tick/report.ts";
import { tick } from "../tick/tick.ts";

export interface RunTickOptions {
  /** how long it may take on work, in seconds (55: a tick ends before the next minute's) */
  budgetSeconds?: number;
  /** go on until nothing is due now, whatever the budget */
  drain?: boolean;
  /** instead of this process's environment: the senders' tokens are in it */
  env?: Record<string, string | undefined>;
  /** take on no more work, and finish what is open */
  stopping?: AbortSignal;
}

/**
 * Does all that is due, for every organization: what `adsapp tick` does, for programs that have a scheduler of their own. May
 * overlap with itself and with cron's, in any number of processes.
 * @throws what a phase met; the other phases' work stands
 */
export function runTick(database: Database, options: RunTickOptions = {}): Promise<TickReport> {
  const { env = process.env, budgetSeconds = 55, drain = false, stopping } = options;
  const { laneLeaseSeconds, concurrency, home } = readConfig(env);
  return tick({
    database,
    env,
    leaseSeconds: laneLeaseSeconds,
    concurrency,
    budgetSeconds,
    drain,
    stopping: stopping ?? new AbortController().signal,
    aborting: new AbortController().signal,
    logFile: join(home, "messages.ndjson"),
  });
}
