import type { Database } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import { startTick } from "./due.ts";
import type { Phase } from "./phases.ts";
import { emptyReport, type TickReport } from "./report.ts";
import text from "./tick.sql";

const sql = namedQueries(text, "finishTick");

export interface TickOptions {
  database: Database;
  env: NodeJS.ProcessEnv;
  leaseSeconds: number;
  /** how long this tick may take on work */
  budgetSeconds: number;
  /** only these phases */
  only?: readonly Phase[];
  /** go on until nothing is due now, whatever the budget */
  drain?: boolean;
  organizationId?: string | undefined;
  /** POSTs that may be open at once (500) */
  concurrency?: number | undefined;
  stopping: AbortSignal;
  aborting: AbortSignal;
  /** the file to which a log sender's messages go */
  logFile: string;
  /** hears how far it is */
  telling?: Telling | undefined;
}

/** How far a tick is with what takes long. */
export interface Telling {
  /** @param total how much it will be; undefined: nobody knows */
  begin(what: string, total?: number): void;
  done(count: number): void;
}

/**
 * Does all that is due, in the order of PHASES, and writes its heartbeat to tick_runs. May overlap with itself on any
 * number of hosts. An idle tick asks one question and ends.
 * @throws what a phase met, after the heartbeat has it too
 */
export async function tick(options: TickOptions): Promise<TickReport> {
  const { database, organizationId } = options;
  const began = performance.now();
  const { tickId, now, due } = await database.transaction(worker, (tx) => startTick(tx, organizationId));
  const report = emptyReport(tickId, now);
  if (due !== undefined) {
    const { runPhases } = await import("./phases.ts");
    await heartbeat(options, report, () => runPhases(options, report, due, clockFrom(now, began)));
  }
  report.durationMs = Math.round(performance.now() - began);
  return report;
}

async function heartbeat(options: TickOptions, report: TickReport, work: () => Promise<void>): Promise<void> {
  const finish = (error: string | null) => {
    const { tickId, startedAt: _startedAt, durationMs: _durationMs, ...counts } = report;
    return options.database.transaction(worker, (tx) =>
      tx.run(sql.finishTick, [tickId, JSON.stringify(counts), error]),
    );
  };
  try {
    await work();
  } catch (error) {
    await finish(String((error as Error).message).slice(0, 500)).catch(() => {});
    throw error;
  }
  await finish(null);
}

/** The database's clock, read once and carried on by this process's monotonic timer. */
function clockFrom(start: Date, began: number): () => Date {
  return () => new Date(start.getTime() + performance.now() - began);
}
