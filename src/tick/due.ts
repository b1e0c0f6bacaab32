import { hostname } from "node:os";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import text from "./tick.sql";

const sql = namedQueries(text, "startTick", "dueMore", "finishTick");

/** Which phases have something to do. */
export interface DueWork {
  inbox: boolean;
  wake: boolean;
  running: boolean;
  drips: boolean;
  unknownDrips: boolean;
  events: boolean;
  windows: boolean;
  direct: boolean;
  cancelled: boolean;
  agentDays: boolean;
}

export interface StartedTick {
  tickId: string;
  /** the database's clock */
  now: Date;
  /** undefined: nothing, and the tick is over */
  due: DueWork | undefined;
}

/** The first question of every tick, with its heartbeat. @param organizationId undefined: all of them */
export async function startTick(tx: Transaction, organizationId: string | undefined): Promise<StartedTick> {
  const started = await tx.one<StartedTick & DueWork>(sql.startTick, [
    organizationId ?? null,
    hostname(),
    process.pid,
  ]);
  const { tickId, now, ...work } = started as StartedTick & DueWork;
  if (!isAny(work)) return { tickId, now, due: undefined };
  const due = { ...work, ...(await closerLook(tx, work, organizationId)) };
  if (!isAny(due)) await tx.run(sql.finishTick, [tickId, "{}", null]);
  return { tickId, now, due: isAny(due) ? due : undefined };
}

/** Drips that run and campaigns that were cancelled of late may have nothing due. */
async function closerLook(tx: Transaction, work: DueWork, organizationId: string | undefined) {
  if (!work.drips && !work.cancelled) return { unknownDrips: false };
  return tx.one<Pick<DueWork, "drips" | "unknownDrips" | "cancelled">>(sql.dueMore, [organizationId ?? null]);
}

function isAny(work: object): boolean {
  return Object.values(work).some((answer) => answer === true);
}
