import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { ExitCode, UserError } from "../errors.ts";
import text from "./import.sql";

const sql = namedQueries(
  text,
  "countPeople",
  "refuseExisting",
  "insertContacts",
  "matchLate",
  "updateContacts",
  "updateOptOuts",
  "tagContacts",
  "createLists",
  "joinLists",
);

/** What became of the people of a file; rows of one person beyond the first are `duplicates`. */
export interface Merged {
  created: number;
  updated: number;
  unchanged: number;
  skipped: number;
  duplicates: number;
}

export interface MergeOptions {
  importId: string;
  /** what consent that comes from this file is traced back to */
  source: string;
  list?: string | undefined;
  tags: readonly string[];
  /** what to do with people who are contacts already; skipped ones still are opted out where the file says so */
  onDuplicate: "update" | "skip" | "fail";
}

/** Merges the staged people into the contacts, one statement for each kind of change. Never lifts an opt-out. */
export async function mergePeople(
  tx: Transaction,
  organizationId: string,
  options: MergeOptions,
): Promise<Merged> {
  const { source, importId, onDuplicate, list = null } = options;
  const people = await countPeople(tx);
  if (onDuplicate === "fail" && people.existing > 0) throw await existingFault(tx, people.existing);
  const created = await tx.run(sql.insertContacts, [organizationId, source, importId]);
  const late = people.people - people.existing - created;
  if (late > 0) await tx.run(sql.matchLate, [organizationId]);
  if (onDuplicate === "fail" && late > 0) throw await existingFault(tx, late);
  const isSkipping = onDuplicate === "skip";
  const updated = await tx.run(isSkipping ? sql.updateOptOuts : sql.updateContacts, [organizationId, source]);
  await tx.run(sql.tagContacts, [organizationId, options.tags, !isSkipping]);
  await tx.run(sql.createLists, [organizationId, list, !isSkipping]);
  await tx.run(sql.joinLists, [organizationId, list, !isSkipping]);
  const duplicates = people.rows - people.people;
  const known = people.people - created - updated;
  return isSkipping
    ? { created, updated, unchanged: 0, skipped: duplicates + known, duplicates }
    : { created, updated, unchanged: known, skipped: duplicates, duplicates };
}

interface People {
  /** of the file */
  rows: number;
  people: number;
  /** of these, contacts already */
  existing: number;
}

async function countPeople(tx: Transaction): Promise<People> {
  return (await tx.one<People>(sql.countPeople)) as People;
}

async function existingFault(tx: Transaction, existing: number): Promise<UserError> {
  const first = await tx.one<{ line: number }>(sql.refuseExisting);
  return new UserError(
    `${existing} people of the file are contacts already (the first at line ${first?.line})`,
    {
      hint: "Nothing was changed. --on-duplicate update or skip lets the import go on.",
      exitCode: ExitCode.Failed,
    },
  );
}
