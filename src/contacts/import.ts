import { basename } from "node:path";
import type { Database, Transaction } from "../db/database.ts";
import type { Identity } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import { ExitCode, UserError } from "../errors.ts";
import type { Organization } from "../organizations/organization.ts";
import { checkedTags } from "./contacts.ts";
import { type ContactsFile, type ReadOptions, readContactsCsv } from "./csv/read.ts";
import type { RejectedRow } from "./csv/row.ts";
import text from "./import.sql";
import { checkedListName } from "./lists.ts";
import { type Merged, mergePeople } from "./merge.ts";
import { openRejects, type RejectsFile } from "./rejects.ts";
import { AllRejected, stagePeople, type Tally } from "./stage.ts";

const sql = namedQueries(text, "earlierImport", "openImport", "closeImport");

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
  /** hears of rows that were read, and which share of the file that is by now */
  onRows?: (count: number, share: number) => void;
}

/**
 * Rows = created + updated + unchanged + skipped + rejected; `duplicates` of one person in the file are among the skipped,
 * and so are people whom the organization has erased (`suppressed`).
 */
export interface ImportReport {
  importId: string | null;
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  skipped: number;
  rejected: number;
  duplicates: number;
  suppressed: number;
  durationMs: number;
  format: { encoding: string; delimiter: string; lineEnd: string };
  /** the first rejects, to show */
  examples: RejectedRow[];
  /** when the same file was imported with the same options before, and nothing was done now */
  importedBefore: Date | null;
}

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
  const checked = { ...options, ...checkedNames(options) };
  const file = await readContactsCsv(path, options);
  try {
    const earlier = options.force
      ? undefined
      : await database.transaction(identity, (tx) => earlierImport(tx, organization.id, file, checked));
    if (earlier !== undefined) return doneBefore(file, earlier);
    const report = await withRejects(file, options, (rejects) =>
      inOneTransaction(
        database,
        identity,
        (tx) => merge(tx, organization, path, file, rejects, checked),
        options.dryRun,
      ),
    );
    return { ...report, durationMs: Math.round(performance.now() - began) };
  } finally {
    file.close();
  }
}

function checkedNames({ list, tags }: ImportOptions): Pick<ImportOptions, "list" | "tags"> {
  return { list: list === undefined ? undefined : checkedListName(list), tags: checkedTags(tags) };
}

/** The rejects file is in its place when the import is done, or when it says why every row was rejected. */
async function withRejects<T>(
  file: ContactsFile,
  options: ImportOptions,
  work: (rejects: RejectsFile) => Promise<T>,
): Promise<T> {
  const rejects = openRejects(options.rejects, file.header, options.force);
  try {
    const done = await work(rejects);
    rejects.publish();
    return done;
  } catch (error) {
    if (error instanceof AllRejected) await rejects.finish().then(rejects.publish);
    rejects.discard();
    throw error;
  }
}

/** The stream can be read once only, so a deadlock is not tried again here: rows are inserted in one order anyway. */
async function inOneTransaction(
  database: Database,
  identity: Identity,
  work: (tx: Transaction) => Promise<ImportReport>,
  dryRun: boolean,
): Promise<ImportReport> {
  let report: ImportReport | undefined;
  let wasTried = false;
  try {
    await database.transaction(identity, async (tx) => {
      if (wasTried)
        throw new UserError("other work on the contacts got in the way; import the file again", {
          hint: "Nothing was imported.",
          exitCode: ExitCode.TryAgain,
        });
      wasTried = true;
      report = await work(tx);
      if (dryRun) throw new DryRun();
    });
  } catch (error) {
    if (!(error instanceof DryRun)) throw error;
  }
  return { ...(report as ImportReport), importId: dryRun ? null : (report as ImportReport).importId };
}

async function merge(
  tx: Transaction,
  organization: Organization,
  path: string,
  file: ContactsFile,
  rejects: RejectsFile,
  options: ImportOptions,
): Promise<ImportReport> {
  const tally = await stagePeople(tx, organization.id, file, rejects, { path, onRows: options.onRows });
  const name = path === "-" ? "stdin" : basename(path);
  const importId = await openImport(tx, organization.id, name, file, options);
  const source = `import ${name}`;
  const people = { ...options, importId, source, hasGroups: hasGroups(file) };
  const merged = await mergePeople(tx, organization.id, people);
  const counted = {
    ...tally,
    ...merged,
    skipped: merged.skipped + tally.duplicates + tally.suppressed,
  };
  await closeImport(tx, organization.id, importId, counted);
  await rejects.finish(); // while a full disk can still undo the import
  return { importId, ...counted, durationMs: 0, format: formatOf(file), importedBefore: null };
}

function hasGroups({ columns }: ContactsFile): boolean {
  return columns.some((column) => "field" in column && ["tags", "list", "lists"].includes(column.field));
}

async function openImport(
  tx: Transaction,
  organizationId: string,
  name: string,
  file: ContactsFile,
  options: ImportOptions,
): Promise<string> {
  const kept = JSON.stringify(keptOptions(options));
  const opened = await tx.one<{ id: string }>(sql.openImport, [organizationId, name, file.format.hash, kept]);
  return (opened as { id: string }).id;
}

async function closeImport(
  tx: Transaction,
  organizationId: string,
  importId: string,
  { rows, created, updated, unchanged, skipped, rejected, suppressed }: Tally & Merged,
): Promise<void> {
  const counts = [rows, created, updated, unchanged, skipped, rejected, suppressed];
  await tx.run(sql.closeImport, [organizationId, importId, ...counts]);
}

interface Earlier {
  id: string;
  createdAt: Date;
  rows: number;
}

function earlierImport(
  tx: Transaction,
  organizationId: string,
  file: ContactsFile,
  options: ImportOptions,
): Promise<Earlier | undefined> {
  return tx.one<Earlier>(sql.earlierImport, [
    organizationId,
    file.format.hash,
    JSON.stringify(keptOptions(options)),
  ]);
}

/** What makes the same file another import. */
function keptOptions(options: ImportOptions): object {
  return {
    country: options.country,
    encoding: options.encoding,
    delimiter: options.delimiter,
    map: options.map,
    list: options.list ?? null,
    tags: [...options.tags],
    onDuplicate: options.onDuplicate,
  };
}

function formatOf(file: ContactsFile): ImportReport["format"] {
  const { encoding, delimiter, lineEnd } = file.format;
  return { encoding, delimiter, lineEnd };
}

function doneBefore(file: ContactsFile, earlier: Earlier): ImportReport {
  return {
    importId: earlier.id,
    rows: earlier.rows,
    created: 0,
    updated: 0,
    unchanged: 0,
    skipped: earlier.rows,
    rejected: 0,
    duplicates: 0,
    suppressed: 0,
    durationMs: 0,
    format: formatOf(file),
    examples: [],
    importedBefore: earlier.createdAt,
  };
}
