import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { ExitCode, UserError } from "../errors.ts";
import text from "./import.sql";

const sql = namedQueries(
  text,
  "countPeople",
  "firstExisting",
  "insertContacts",
  "matchLate",
  "updateContacts",
  "updateOptOuts",
  "createImported",
  "tagContacts",
  "createLists",
  "joinLists",
);

/** What became of the people of a file, each of whom has one staged row. */
export interface Merged {
  created: number;
  updated: number;
  unchanged: number;
  skipped: number;
}

export interface MergeOptions {
  importId: string;
  /** what consent that comes from this file is traced back to */
  source: string;
  list?: string | undefined;
  tags: readonly string[];
  /** the file has tags or lists of its own */
  hasGroups: boolean;
  /** what to do with people who are contacts already; skipped ones still are opted out where the file says so */
  onDuplicate: "update" | "skip" | "fail";
}

/** Merges the staged people into the contacts, one statement for each kind of change. Never lifts an opt-out. */
export async function mergePeople(
  tx: Transaction,
  organizationId: string,
  options: MergeOptions,
): Promise<Merged> {
  const { source, importId, onDuplicate } = options;
  const { people, existing } = (await tx.one<People>(sql.countPeople)) as People;
  if (onDuplicate === "fail" && existing > 0) throw await existingFault(tx, existing);
  const created =
    people === existing ? 0 : await tx.run(sql.insertContacts, [organizationId, source, importId]);
  const late = people - existing - created;
  if (late > 0) await tx.run(sql.matchLate, [organizationId, importId]);
  if (onDuplicate === "fail" && late > 0) throw await existingFault(tx, late);
  const isSkipping = onDuplicate === "skip";
  const updated = await updateKnown(tx, organizationId, options, existing + late);
  if (options.hasGroups || options.tags.length > 0 || options.list !== undefined)
    await group(tx, organizationId, options);
  const known = people - created - updated;
  return { created, updated, unchanged: isSkipping ? 0 : known, skipped: isSkipping ? known : 0 };
}

interface People {
  people: number;
  /** of these, contacts already */
  existing: number;
}

async function updateKnown(
  tx: Transaction,
  organizationId: string,
  { source, importId, onDuplicate }: MergeOptions,
  known: number,
): Promise<number> {
  if (known === 0) return 0;
  return onDuplicate === "skip"
    ? tx.run(sql.updateOptOuts, [organizationId, source])
    : tx.run(sql.updateContacts, [organizationId, source, importId]);
}

/** Tags and lists, of the file and for everyone. */
async function group(tx: Transaction, organizationId: string, options: MergeOptions): Promise<void> {
  const { importId, tags, list = null, onDuplicate } = options;
  await tx.run(sql.createImported, [organizationId, importId, onDuplicate !== "skip"]);
  await tx.run(sql.tagContacts, [organizationId, tags, importId]);
  await tx.run(sql.createLists, [organizationId, list]);
  await tx.run(sql.joinLists, [organizationId, list, importId]);
}

async function existingFault(tx: Transaction, existing: number): Promise<UserError> {
  const first = await tx.one<{ line: number }>(sql.firstExisting);
  return new UserError(
    `${existing} people of the file are contacts already (the first at line ${first?.line})`,
    {
      hint: "Nothing was changed. --on-duplicate update or skip lets the import go on.",
      exitCode: ExitCode.Failed,
    },
  );
}
