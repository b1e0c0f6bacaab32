import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import text from "./people.sql";

const sql = namedQueries(text, "freeDispatching", "freePending", "freeUnplanned");

/** People whose drip stood still; there should be nobody. */
export interface Freed {
  /** a message of theirs was being dispatched, by a process that does not hold it any more: its outcome is unknown */
  dispatching: number;
  /** a message of theirs waited, and nobody would have looked at it */
  unseen: number;
  /** no step was planned for them: the next one is, or they are done */
  unplanned: number;
}

/** Finds whoever is stuck in a drip, or in any of the organization, and frees them. As worker. */
export async function freeStuck(
  tx: Transaction,
  organizationId: string,
  dripId: string | undefined,
): Promise<Freed> {
  const whose = [organizationId, dripId ?? null];
  const dispatching = await tx.run(sql.freeDispatching, whose);
  const unseen = await tx.run(sql.freePending, whose);
  const planned = await tx.one<{ freed: number }>(sql.freeUnplanned, whose);
  return { dispatching, unseen, unplanned: planned?.freed ?? 0 };
}
