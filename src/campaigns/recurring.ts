import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { latestOccurrence, nextOccurrence, type Plan } from "./cron.ts";
import text from "./recurring.sql";

const sql = namedQueries(text, "runOccurrences");

/** A recurring campaign that waits for a planned instant which has come. */
export interface DueRecurring extends Plan {
  id: string;
  /** by the contact's local time: `timezone` is where it is latest now */
  isLocal: boolean;
  organizationId: string;
  scheduledAt: Date;
  now: Date;
}

/**
 * Starts the occurrences of the given campaigns, whose rows are locked: of several missed instants only the latest runs, and
 * the one after it is written down for when it is done.
 * @returns the status that each got: running; scheduled or completed where the local time had begun before; or paused where it is later than its maxLateness, its cron cannot be read, or Meta does not send its template
 */
export function runOccurrences(tx: Transaction, due: readonly DueRecurring[]): Promise<{ status: string }[]> {
  const planned = due.map(occurrenceOf);
  return tx.query(sql.runOccurrences, [
    due.map(({ id }) => id),
    planned.map(({ occurrence }) => occurrence),
    planned.map(({ next }) => next),
    planned.map(({ fault }) => fault),
    due.map(({ isLocal, timezone }) => (isLocal ? timezone : null)),
  ]);
}

/** What SQL wrote past the schema must not stop the other campaigns. */
function occurrenceOf(due: DueRecurring): { occurrence: Date; next: Date | null; fault: string | null } {
  try {
    const latest = latestOccurrence(due, due.now);
    const occurrence = latest < due.scheduledAt && !due.isLocal ? due.scheduledAt : latest;
    return { occurrence, next: nextOccurrence(due, due.now), fault: null };
  } catch (error) {
    return {
      occurrence: due.scheduledAt,
      next: null,
      fault: `its cron cannot be read: ${(error as Error).message}`,
    };
  }
}
