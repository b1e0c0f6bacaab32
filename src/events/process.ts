import type { Database, Transaction } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import { runActions } from "./actions.ts";
import { type Entry, enter } from "./enter.ts";
import text from "./events.sql";
import { matchRules } from "./matches.ts";
import { Notes } from "./notes.ts";
import { sparing, sparingOthers } from "./sparing.ts";

const sql = namedQueries(
  text,
  "takeEvents",
  "setDepth",
  "openEnrollments",
  "leaveDrips",
  "matchDrips",
  "closeEvents",
);

const EVENTS_AT_ONCE = 10_000;
/** Rules that set each other off end here. */
const TOO_DEEP = 5;

export interface Processed {
  /** events that were taken from the queue */
  events: number;
  /** enrollments that they led to */
  enrolled: number;
}

/**
 * Works off the events that wait: whoever meets an exit leaves a drip, rules act, active drips take in whom their trigger
 * names. A batch is one transaction, so an event that was cut off waits still; any number of workers may do this at once.
 * An event that something refuses carries a note, and stops no other one.
 * @param organizationId only its events
 * @param goOn asked before each batch
 */
export async function processEvents(
  database: Database,
  organizationId?: string,
  goOn: () => boolean = () => true,
): Promise<Processed> {
  const total: Processed = { events: 0, enrolled: 0 };
  while (goOn()) {
    const done = await database.transaction(worker, (tx) => processSome(tx, organizationId));
    if (done.events === 0) break;
    total.events += done.events;
    total.enrolled += done.enrolled;
  }
  return total;
}

async function processSome(tx: Transaction, organizationId: string | undefined): Promise<Processed> {
  const taken = await tx.query<{ id: number; depth: number }>(sql.takeEvents, [
    organizationId ?? null,
    EVENTS_AT_ONCE,
  ]);
  const depth = taken[0]?.depth;
  if (depth === undefined) return { events: 0, enrolled: 0 };
  const ids = taken.map(({ id }) => id);
  const notes = new Notes();
  let enrolled = 0;
  await tx.query(sql.setDepth, [String(depth + 1)]);
  await sparing(
    tx,
    ids,
    async (some) => {
      const own = new Notes();
      const entered = await act(tx, some, depth, own);
      notes.addAll(own);
      enrolled += entered;
    },
    (refused, reason) => {
      for (const id of refused) notes.add(id, `refused: ${reason}`);
    },
  );
  await tx.run(sql.closeEvents, [ids, JSON.stringify(notes)]);
  return { events: ids.length, enrolled };
}

/** @returns how many entered a drip */
async function act(tx: Transaction, ids: readonly number[], depth: number, notes: Notes): Promise<number> {
  await leaveDrips(tx, ids, notes);
  if (depth >= TOO_DEEP) {
    for (const id of ids) notes.add(id, `sets nothing off: ${depth} rules led to it`);
    return 0;
  }
  const byRules = await runActions(tx, await matchRules(tx, ids, notes), notes);
  const called = await tx.query<Omit<Entry, "isTold">>(sql.matchDrips, [ids]);
  return (
    byRules +
    (await enter(
      tx,
      called.map((entry) => ({ ...entry, isTold: false })),
      notes,
    ))
  );
}

interface OpenEnrollment {
  enrollmentId: string;
  campaignId: string;
  campaign: string;
  eventId: number;
}

/** Leaving can set nothing off that would not end: it happens at any depth. */
async function leaveDrips(tx: Transaction, ids: readonly number[], notes: Notes): Promise<void> {
  await sparingOthers(
    tx,
    await tx.query<OpenEnrollment>(sql.openEnrollments, [ids]),
    ({ campaignId }) => campaignId,
    async (open) => {
      await tx.run(sql.leaveDrips, [open.map(({ enrollmentId }) => enrollmentId)]);
    },
    (refused, reason) => {
      for (const { eventId, campaign } of refused)
        notes.add(eventId, `exits of drip "${campaign}": ${reason}`);
    },
  );
}
