import type { Database } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import { notFound } from "../errors.ts";
import { applyInbox } from "./inbox.ts";
import text from "./replay.sql";

const sql = namedQueries(text, "reopenBodies", "replayed");

/** A body of the inbox that was applied again. */
export interface Replayed {
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
export async function replayBodies(database: Database, ids: readonly number[]): Promise<Replayed[]> {
  const reopened = await database.transaction(worker, async (tx) => {
    const rows = await tx.query<{ id: number }>(sql.reopenBodies, [ids.length === 0 ? null : ids]);
    const found = rows.map(({ id }) => id);
    const strange = ids.find((id) => !found.includes(id));
    if (strange !== undefined) throw notFound("webhook body", String(strange));
    return found;
  });
  await applyInbox(database);
  return database.transaction(worker, (tx) => tx.query<Replayed>(sql.replayed, [reopened]));
}
