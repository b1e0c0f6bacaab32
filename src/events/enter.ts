import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import text from "./events.sql";
import type { Notes } from "./notes.ts";
import { sparingOthers } from "./sparing.ts";

const sql = namedQueries(text, "enterDrips");

/** An event that enters its contact into a drip. */
export interface Entry {
  eventId: number;
  organizationId: string;
  contactId: string;
  campaignId: string;
  /** the drip's name */
  campaign: string;
  /** whether it is worth a note that the contact is in the drip already */
  isTold: boolean;
}

/** Why a contact was not entered (enroll_in_drips); null: it was. */
export type EntryReason =
  | "not_active"
  | "already_enrolled"
  | "was_enrolled"
  | "too_soon"
  | "opted_out"
  | "suppressed"
  | "blocked"
  | "erased"
  | "no_address"
  | "no_opt_in";

export interface Entered {
  campaignId: string;
  contactId: string;
  enrollmentId: string | null;
  reason: EntryReason | null;
}

/** @returns how many were entered; why others were not is noted at their events */
export async function enter(tx: Transaction, entries: readonly Entry[], notes: Notes): Promise<number> {
  let enrolled = 0;
  await sparingOthers(
    tx,
    entries,
    ({ campaignId }) => campaignId,
    async (some) => {
      const rows = await tx.query<Entered>(sql.enterDrips, [
        some.map(({ organizationId }) => organizationId),
        some.map(({ campaignId }) => campaignId),
        some.map(({ contactId }) => contactId),
      ]);
      noteReasons(some, rows, notes);
      enrolled += rows.filter(({ enrollmentId }) => enrollmentId !== null).length;
    },
    (refused, reason) => {
      for (const { eventId, campaign } of refused) notes.add(eventId, `drip "${campaign}": ${reason}`);
    },
  );
  return enrolled;
}

function noteReasons(entries: readonly Entry[], rows: readonly Entered[], notes: Notes): void {
  const reasons = new Map<string, EntryReason>();
  for (const row of rows) if (row.reason !== null) reasons.set(pairOf(row), row.reason);
  if (reasons.size === 0) return;
  for (const entry of entries) {
    const reason = reasons.get(pairOf(entry));
    if (reason === undefined || (reason === "already_enrolled" && !entry.isTold)) continue;
    notes.add(entry.eventId, `drip "${entry.campaign}": ${reason}`);
  }
}

function pairOf({ campaignId, contactId }: { campaignId: string; contactId: string }): string {
  return `${campaignId} ${contactId}`;
}
