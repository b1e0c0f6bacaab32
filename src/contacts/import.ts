import { basename } from "node:path";
import type { Database, Transaction } from "../db/database.ts";
import type { Identity } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import { ExitCode, UserError } from "../errors.ts";
import type { Organization } from "../organizations/organization.ts";
import { type ContactsFile, type ReadOptions, readContactsCsv } from "./csv/read.ts";
import type { ContactRow, RejectedRow } from "./csv/row.ts";
import text from "./import.sql";
import { openRejects, type RejectsFile } from "./rejects.ts";
import { copyRows } from "./staging.ts";

const sql = namedQueries(text, "createStaging", "copyStaging", "createPeople", "removeTorn", "refuseExisting", "updateContacts", "insertContacts",
  "tagContacts", "createLists", "joinLists", "countPeople", "earlierImport", "openImport", "closeImport");

export interface ImportOptions extends ReadOptions {
  list?: string | undefined;
  tags: readonly string[];
  /** what to do with people who are contacts already */
  onDuplicate: "update" | "skip" | "fail";
  rejects?: string | undefined;
  /** also a file that was imported before, and over an existing rejects file */
  force: boolean;
  dryRun: boolean;
  /** told how many rows were read, in steps */
  onRows?: (count: number) => void;
}

/** Rows = created + updated + unchanged + skipped + rejected; `duplicates` of one person in the file are among the skipped. */
export interface ImportReport {
  importId: string | null;
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  skipped: number;
  rejected: number;
  duplicates: number;
  durationMs: number;
  format: { encoding: string; delimiter: string; lineEnd: string };
  /** the first rejects, to show */
  examples: RejectedRow[];
  /** when the same file was imported with the same options before, and nothing was done now */
  importedBefore: Date | null;
}

interface Tally {
  rows: number;
  rejected: number;
  examples: RejectedRow[];
}

const EXAMPLES = 10;

/** Thrown to roll a dry run back. */
class DryRun extends Error {}

/**
 * Imports a CSV in one transaction, under Row Level Security: COPY to a staging table, then set-based merges; all or
 * nothing for the database, bad rows to the rejects file. Never lifts an opt-out.
 * @throws UserError (2) for a file that cannot be read, or when every row of it was rejected: nothing is changed then
 */
export async function importContacts(
  database: Database,
  identity: Identity,
  organization: Organization,
  path: string,
  options: ImportOptions,
): Promise<ImportReport> {
  const began = performance.now();
  const file = await readContactsCsv(path, options);
  const earlier = options.force ? undefined : await database.transaction(identity, (tx) => earlierImport(tx, organization.id, file, options));
  if (earlier !== undefined) return doneBefore(file, earlier);
  const rejects = openRejects(options.rejects, file.header, options.force);
  try {
    const report = await inOneTransaction(database, identity, (tx) => merge(tx, organization, path, file, rejects, options), options.dryRun);
    await rejects.publish();
    return { ...report, durationMs: Math.round(performance.now() - began) };
  } catch (error) {
    rejects.discard();
    throw error;
  }
}

/** The stream can be read once only, so a deadlock is not tried again here: rows are inserted in one order anyway. */
async function inOneTransaction(database: Database, identity: Identity, work: (tx: Transaction) => Promise<ImportReport>, dryRun: boolean): Promise<ImportReport> {
  let report: ImportReport | undefined;
  try {
    await database.transaction(identity, async (tx) => {
      if (report !== undefined) throw new UserError("another import got in the way; import the file again", { exitCode: ExitCode.TryAgain });
      report = await work(tx);
      if (dryRun) throw new DryRun();
    });
  } catch (error) {
    if (!(error instanceof DryRun)) throw error;
  }
  return { ...(report as ImportReport), importId: dryRun ? null : (report as ImportReport).importId };
}

async function merge(tx: Transaction, organization: Organization, path: string, file: ContactsFile, rejects: RejectsFile, options: ImportOptions): Promise<ImportReport> {
  const tally: Tally = { rows: 0, rejected: 0, examples: [] };
  const source = `import ${basename(path)}`;
  await tx.run(sql.createStaging);
  await copyRows(tx, sql.copyStaging, goodRows(file, rejects, tally, options));
  await tx.run("analyze staged_contacts");
  await tx.run(sql.createPeople, [organization.id]);
  await rejectTorn(tx, rejects, tally);
  refuseNothingLeft(path, tally);
  const people = (await tx.one<{ rows: number; people: number; existing: number }>(sql.countPeople)) ?? { rows: 0, people: 0, existing: 0 };
  if (options.onDuplicate === "fail" && people.existing > 0) throw await existingFault(tx, path, people.existing);
  const opened = await tx.one<{ id: string }>(sql.openImport, [organization.id, basename(path), file.format.hash, JSON.stringify(keptOptions(options))]);
  const importId = opened?.id as string;
  const updated = options.onDuplicate === "update" ? await tx.run(sql.updateContacts, [organization.id, source]) : 0;
  const created = await tx.run(sql.insertContacts, [organization.id, source, importId]);
  await tx.run(sql.tagContacts, [organization.id, options.tags]);
  await tx.run(sql.createLists, [organization.id, options.list ?? null]);
  await tx.run(sql.joinLists, [organization.id, options.list ?? null]);
  const duplicates = people.rows - people.people;
  const known = people.people - created - updated;
  const skipped = duplicates + (options.onDuplicate === "skip" ? known : 0);
  const unchanged = options.onDuplicate === "skip" ? 0 : known;
  await tx.run(sql.closeImport, [organization.id, importId, tally.rows, created, updated, unchanged, skipped, tally.rejected]);
  return { importId, ...tally, created, updated, unchanged, skipped, duplicates, durationMs: 0, format: formatOf(file), importedBefore: null };
}

async function* goodRows(file: ContactsFile, rejects: RejectsFile, tally: Tally, options: ImportOptions): AsyncGenerator<ContactRow[]> {
  for await (const batch of file.batches) {
    const bad = batch.filter((row): row is RejectedRow => "reason" in row);
    await reject(rejects, tally, bad);
    tally.rows += batch.length;
    options.onRows?.(batch.length);
    yield batch.filter((row): row is ContactRow => !("reason" in row));
  }
}

async function reject(rejects: RejectsFile, tally: Tally, rows: readonly RejectedRow[]): Promise<void> {
  tally.rejected += rows.length;
  tally.examples.push(...rows.slice(0, EXAMPLES - tally.examples.length));
  await rejects.write(rows);
}

async function rejectTorn(tx: Transaction, rejects: RejectsFile, tally: Tally): Promise<void> {
  const torn = await tx.query<{ line: number }>(sql.removeTorn);
  await reject(rejects, tally, torn.map(({ line }) => ({ line, reason: "the phone belongs to one contact and the user id to another", cells: [] })));
}

function refuseNothingLeft(path: string, tally: Tally): void {
  if (tally.rows > tally.rejected) return;
  const why = tally.examples.slice(0, 5).map((row) => `\n  line ${row.line}: ${row.reason}`).join("");
  throw new UserError(tally.rows === 0 ? `${path} has a header and no rows` : `every row of ${path} was rejected${why}`, { hint: "Nothing was changed." });
}

async function existingFault(tx: Transaction, path: string, existing: number): Promise<UserError> {
  const first = await tx.one<{ line: number }>(sql.refuseExisting);
  return new UserError(`${existing} people of ${path} are contacts already (the first at line ${first?.line})`, {
    hint: "Nothing was changed. --on-duplicate update or skip lets the import go on.",
    exitCode: ExitCode.Failed,
  });
}

interface Earlier {
  id: string;
  createdAt: Date;
  rows: number;
}

function earlierImport(tx: Transaction, organizationId: string, file: ContactsFile, options: ImportOptions): Promise<Earlier | undefined> {
  return tx.one<Earlier>(sql.earlierImport, [organizationId, file.format.hash, JSON.stringify(keptOptions(options))]);
}

/** What makes the same file another import. */
function keptOptions(options: ImportOptions): object {
  return { country: options.country, map: options.map, list: options.list ?? null, tags: [...options.tags], onDuplicate: options.onDuplicate };
}

function formatOf(file: ContactsFile): ImportReport["format"] {
  const { encoding, delimiter, lineEnd } = file.format;
  return { encoding, delimiter, lineEnd };
}

function doneBefore(file: ContactsFile, earlier: Earlier): ImportReport {
  return {
    importId: earlier.id, rows: earlier.rows, created: 0, updated: 0, unchanged: 0, skipped: earlier.rows, rejected: 0, duplicates: 0, durationMs: 0,
    format: formatOf(file), examples: [], importedBefore: earlier.createdAt,
  };
}
