import type { Transaction } from "../db/database.ts";

/** What is written down of a change that no trigger tells: as worker for a person, or by nobody in particular. */
export interface Entry {
  organizationId: string;
  /** the profile for which it was done; null: whoever may run the program on this host */
  actor: string | null;
  action: string;
  /** the table of what it was about */
  subject: string;
  subjectId: string | null;
  /** no names, no phones: the log outlives an erased person's data */
  details: object;
}

/** An entry of the audit log, in the transaction of what it tells. As worker. */
export async function writeDown(tx: Transaction, entry: Entry): Promise<void> {
  const { organizationId, actor, action, subject, subjectId, details } = entry;
  await tx.run(
    "insert into audit_log (organization_id, actor, action, subject_type, subject_id, details) values ($1, $2, $3, $4, $5, $6)",
    [organizationId, actor, action, subject, subjectId, JSON.stringify(details)],
  );
}
