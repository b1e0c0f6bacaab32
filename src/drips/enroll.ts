import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { notAllowed } from "../errors.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import type { Drip } from "./drip.ts";
import text from "./people.sql";

const sql = namedQueries(text, "enrollContacts", "unenrollContacts");

/** Reasons of enroll_in_drips for people who are, or have been, in the drip. */
const EXISTING = ["already_enrolled", "was_enrolled", "too_soon"];

export interface Enrolled {
  selected: number;
  enrolled: number;
  /** people by why they could not enter */
  refused: Record<string, number>;
}

/**
 * Enters contacts into a drip, all in one statement; each first step is planned with it. As operator. Whoever races, a
 * contact is in a drip once.
 * @throws UserError (1) when the drip is not active, (5) for viewers
 */
export async function enrollContacts(
  tx: Transaction,
  organizationId: string,
  drip: Pick<Drip, "id" | "name" | "status">,
  contactIds: readonly string[],
): Promise<Enrolled> {
  await refuseViewer(tx);
  if (drip.status !== "active")
    throw notAllowed(
      `drip "${drip.name}" is ${drip.status}: nobody can enter it`,
      drip.status === "archived" ? undefined : `adsapp drip activate "${drip.name}" opens it.`,
    );
  const rows = await tx.query<{ reason: string | null; count: number }>(sql.enrollContacts, [
    organizationId,
    drip.id,
    [...new Set(contactIds)],
  ]);
  return {
    selected: rows.reduce((sum, { count }) => sum + count, 0),
    enrolled: rows.find(({ reason }) => reason === null)?.count ?? 0,
    refused: Object.fromEntries(
      rows.filter(({ reason }) => reason !== null).map(({ reason, count }) => [reason, count]),
    ),
  };
}

/** How many could not enter. @param skipExisting people who are, or have been, in the drip do not count */
export function refusedCount({ refused }: Enrolled, skipExisting: boolean): number {
  return Object.entries(refused)
    .filter(([reason]) => !skipExisting || !EXISTING.includes(reason))
    .reduce((sum, [, count]) => sum + count, 0);
}

/** Takes contacts out of a drip: what waited for them is skipped. As operator. @returns how many left @throws UserError (5) for viewers */
export async function unenrollContacts(
  tx: Transaction,
  organizationId: string,
  dripId: string,
  contactIds: readonly string[],
): Promise<number> {
  await refuseViewer(tx);
  return tx.run(sql.unenrollContacts, [organizationId, dripId, contactIds]);
}
