import { randomUUID } from "node:crypto";
import type { Database, Transaction } from "../db/database.ts";
import { type Identity, worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import { UserError } from "../errors.ts";
import type { Organization } from "../organizations/organization.ts";
import type { DripDefinition } from "./definition.ts";
import type { Drip, DripStatus } from "./drip.ts";
import { findDrip } from "./find.ts";
import { dripFindings } from "./findings.ts";
import text from "./preview.sql";
import { saveDrip } from "./save.ts";
import { definitionOf } from "./stored.ts";

const sql = namedQueries(text, "copyDrip", "copyPeople", "copyLogs", "setStatus");

/** For whom a rehearsal is: the drip is read as the acting profile, the copy is played as worker. */
export interface Rehearsal {
  database: Database;
  identity: Identity;
  organization: Organization;
}

/** A saved drip, or a definition that is not saved. */
export type Source = { name: string } | { definition: DripDefinition };

/** What is rehearsed: read, and not written yet. */
export interface Subject {
  name: string;
  /** null: it is not saved */
  saved: Drip | null;
  /** null for one that was written by other means, and cannot be read as a definition */
  definition: DripDefinition | null;
  warnings: string[];
}

/** As operator. @throws UserError (4) for a drip that does not exist */
export async function readSubject(tx: Transaction, organizationId: string, source: Source): Promise<Subject> {
  const saved = "name" in source ? await findDrip(tx, organizationId, source.name) : null;
  const definition = "definition" in source ? source.definition : readable(saved as Drip);
  const findings =
    definition === null ? { errors: [], warnings: [] } : await dripFindings(tx, organizationId, definition);
  return {
    name: saved?.name ?? (definition as DripDefinition).name,
    saved,
    definition,
    warnings: [...findings.errors, ...findings.warnings, ...stateWarnings(saved?.status)],
  };
}

function readable(drip: Drip): DripDefinition | null {
  try {
    return definitionOf(drip);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

function stateWarnings(status: DripStatus | undefined): string[] {
  if (status === undefined || status === "active") return [];
  return [`the drip is ${status}: this is what would happen if it were active`];
}

/** Thrown to roll a rehearsal back. */
class Rehearsed extends Error {}

/** Plays `work` in one transaction as worker, and takes all of it back. */
export async function rehearse<T>(database: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  let played: { result: T } | undefined;
  try {
    await database.transaction(worker, async (tx) => {
      played = { result: await work(tx) };
      throw new Rehearsed();
    });
  } catch (error) {
    if (!(error instanceof Rehearsed)) throw error;
  }
  return (played as { result: T }).result;
}

/**
 * Makes a copy of a drip with people in it (one contact with all its entries, or everyone who is in it), active at a moment: a
 * paused one is resumed then, with what waited moved.
 * @returns its id
 */
export async function activeCopy(
  tx: Transaction,
  organizationId: string,
  { saved, definition }: Subject,
  given: { contactId: string | null; at: Date },
): Promise<string> {
  if (saved === null) {
    const draft = { ...(definition as DripDefinition), name: randomUUID() };
    const { id } = await saveDrip(tx, organizationId, draft);
    await tx.run(sql.setStatus, [id, "active", given.at]);
    return id;
  }
  const { id } = (await tx.one<{ id: string }>(sql.copyDrip, [organizationId, saved.id])) as { id: string };
  const people = [organizationId, saved.id, id, given.contactId];
  await tx.run(sql.copyPeople, people);
  await tx.run(sql.copyLogs, people);
  if (saved.pausedAt !== null) await tx.run(sql.setStatus, [id, "paused", saved.pausedAt]);
  await tx.run(sql.setStatus, [id, "active", given.at]);
  return id;
}
