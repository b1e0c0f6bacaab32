import type { Row, Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { ExitCode, UserError } from "../errors.ts";
import text from "./person.sql";

const SECTIONS = [
  "contact",
  "tags",
  "lists",
  "imports",
  "consent",
  "messages",
  "campaigns",
  "drips",
  "dripMessages",
  "events",
  "conversations",
  "webhookBodies",
] as const;

const sql = namedQueries(text, ...SECTIONS, "family", "erase", "role");

/** Everything that is stored about one person; `consent` is what changed it, when, by whom, with the evidence. */
export type PersonExport = Record<(typeof SECTIONS)[number], Row[]>;

/** As operator. */
export async function exportPerson(
  tx: Transaction,
  organizationId: string,
  contactId: string,
): Promise<PersonExport> {
  const family = await tx.one<{ ids: string[] }>(sql.family, [organizationId, contactId]);
  const sections: Partial<PersonExport> = {};
  for (const section of SECTIONS)
    sections[section] = await tx.query(sql[section], [organizationId, family?.ids]);
  return sections as PersonExport;
}

/** One fact a row, for CSV: which part, its how manieth row, the field, and what stands there. */
export interface Fact {
  section: string;
  row: number;
  field: string;
  value: unknown;
}

export function* factsOf(person: PersonExport): Generator<Fact> {
  for (const [section, rows] of Object.entries(person))
    for (const [at, row] of rows.entries())
      for (const [field, value] of Object.entries(row))
        if (value !== null) yield { section, row: at + 1, field, value };
}

/** What an erasure did. */
export interface Erased {
  contactId: string;
  /** messages whose text was removed */
  messages: number;
  /** raw bodies from which the person was removed */
  webhookBodies: number;
  erasedAt: Date;
}

/**
 * Forgets a person for good: names, addresses, attributes, texts and raw bodies; rows that counts are made of stay, and a
 * keyed hash keeps imports from bringing the person back. As operator. Again it removes what came in since.
 * @throws UserError (5) for others than admins
 */
export async function erasePerson(tx: Transaction, contactId: string): Promise<Erased> {
  const profile = await tx.one<{ role: string | null }>(sql.role);
  if (profile?.role !== "admin")
    throw new UserError("only an admin erases a contact", {
      hint: "--as EMAIL acts as another profile.",
      exitCode: ExitCode.Forbidden,
    });
  const answer = await tx.one<{ erased: { messages: number; webhook_bodies: number; erased_at: string } }>(
    sql.erase,
    [contactId],
  );
  const { messages, webhook_bodies, erased_at } = (answer as NonNullable<typeof answer>).erased;
  return { contactId, messages, webhookBodies: webhook_bodies, erasedAt: new Date(erased_at) };
}
