import type { Database, Transaction } from "../db/database.ts";
import type { Identity } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import { findDrip } from "../drips/find.ts";
import { notAllowed, notFound } from "../errors.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import type { EntryReason } from "./enter.ts";
import text from "./workflow.sql";

const sql = namedQueries(text, "strangers", "enrollPeople");

/** The configuration of the workflow node `enroll_in_drip`, and whom it has come to. */
export interface EnrollInDrip {
  /** the drip's id, or its name */
  campaignId: string;
  contactIds: readonly string[];
  /** false: a contact that is in the drip already is an error, and nobody is entered (default: true) */
  skipIfAlreadyEnrolled?: boolean;
}

export interface EnrolledInDrip {
  enrolled: { contactId: string; enrollmentId: string }[];
  /** who was not entered, and why */
  skipped: { contactId: string; reason: EntryReason }[];
}

interface Person {
  contactId: string;
  name: string;
  enrollmentId: string | null;
  reason: EntryReason | null;
}

/**
 * The workflow builder's action node `{ actionType: 'enroll_in_drip', config: { campaignId, skipIfAlreadyEnrolled } }`:
 * enters contacts into an active drip, all in one transaction; each one's first step is planned with it. Whoever may not be
 * messaged, or may not enter again (settings.reentry), is skipped with the reason. Calling it twice enters nobody twice.
 *
 * ```ts
 * await enrollInDrip(database, operator(profileId), organizationId, { campaignId, contactIds: [contactId] });
 * ```
 *
 * @param identity who does it: an operator is kept to the own organization by Row Level Security, and is written down as
 *   enrolled_by; a worker serves every organization
 * @throws UserError (4) for a drip or contact that the organization does not have, (1) when the drip is not active, or, with
 *   skipIfAlreadyEnrolled false, somebody is in it already (the message names them), (5) for viewers. Then nobody was entered
 */
export function enrollInDrip(
  database: Database,
  identity: Identity,
  organizationId: string,
  { campaignId, contactIds, skipIfAlreadyEnrolled = true }: EnrollInDrip,
): Promise<EnrolledInDrip> {
  return database.transaction(identity, async (tx) => {
    await refuseViewer(tx);
    const drip = await findDrip(tx, organizationId, campaignId);
    if (drip.status !== "active")
      throw notAllowed(`drip "${drip.name}" is ${drip.status}: nobody can enter it`);
    await refuseStrangers(tx, organizationId, contactIds);
    const people = await tx.query<Person>(sql.enrollPeople, [
      organizationId,
      drip.id,
      contactIds,
      identity.role === "operator" ? identity.profileId : null,
    ]);
    if (!skipIfAlreadyEnrolled) refuseEnrolled(drip.name, people);
    return {
      enrolled: people.flatMap(({ contactId, enrollmentId }) =>
        enrollmentId === null ? [] : [{ contactId, enrollmentId }],
      ),
      skipped: people.flatMap(({ contactId, reason }) => (reason === null ? [] : [{ contactId, reason }])),
    };
  });
}

async function refuseStrangers(
  tx: Transaction,
  organizationId: string,
  contactIds: readonly string[],
): Promise<void> {
  const strangers = await tx.query<{ id: string }>(sql.strangers, [organizationId, contactIds]);
  if (strangers.length > 0) throw notFound("contact", named(strangers.map(({ id }) => id)));
}

function refuseEnrolled(drip: string, people: readonly Person[]): void {
  const already = people.filter(({ reason }) => reason === "already_enrolled");
  if (already.length === 0) return;
  const who = named(already.map(({ name, contactId }) => `${name} (${contactId})`));
  throw notAllowed(
    `already in drip "${drip}": ${who}`,
    "Nobody was entered. skipIfAlreadyEnrolled passes over them.",
  );
}

function named(names: readonly string[]): string {
  const more = names.length - 5;
  return [...names.slice(0, 5), ...(more > 0 ? [`and ${more} more`] : [])].join(", ");
}
