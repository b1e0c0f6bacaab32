import type { Database } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import { notAllowed, notFound } from "../errors.ts";
import { applyInbox } from "./inbox.ts";
import text from "./replay.sql";

const sql = namedQueries(text, "reopenBodies", "replayed", "dismissBodies");

/** A body of the inbox. */
export interface StoredBody {
  id: number;
  receivedAt: Date;
  source: string;
  organization: string | null;
  /** why it is put aside still; null: it was applied */
  error: string | null;
}

/**
 * Applies bodies of the inbox again: these, or all that were put aside with an error. What is known already changes nothing.
 * @throws UserError (4) when the inbox has one of the ids not; then nothing was applied
 */
export async function replayBodies(database: Database, ids: readonly number[]): Promise<StoredBody[]> {
  const reopened = await database.transaction(worker, async (tx) => {
    const rows = await tx.query<{ id: number }>(sql.reopenBodies, [ids.length === 0 ? null : ids]);
    refuseStrangers(ids, rows);
    return rows.map(({ id }) => id);
  });
  await applyInbox(database);
  return database.transaction(worker, (tx) => tx.query<StoredBody>(sql.replayed, [reopened]));
}

/**
 * Lets bodies be that were put aside with an error: they count no more, and stay with it until they are pruned; replayed by their ids they wait again.
 * @throws UserError (4) for an id that the inbox has not, (1) for one that does not wait with an error; then nothing was changed
 */
export async function dismissBodies(database: Database, ids: readonly number[]): Promise<StoredBody[]> {
  return database.transaction(worker, async (tx) => {
    const bodies = await tx.query<StoredBody & { waits: boolean }>(sql.dismissBodies, [ids]);
    refuseStrangers(ids, bodies);
    const settled = bodies.find(({ waits }) => !waits);
    if (settled !== undefined)
      throw notAllowed(
        `webhook body ${settled.id} does not wait with an error`,
        "adsapp webhook replay lists those that do.",
      );
    return bodies;
  });
}

function refuseStrangers(ids: readonly number[], found: readonly { id: number }[]): void {
  const strange = ids.find((id) => !found.some((body) => body.id === id));
  if (strange !== undefined) throw notFound("webhook body", String(strange));
}
