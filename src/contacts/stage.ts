import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { UserError } from "../errors.ts";
import { copyRows } from "./copy.ts";
import type { ContactsFile } from "./csv/read.ts";
import type { ContactRow, RejectedRow } from "./csv/row.ts";
import text from "./import.sql";
import type { RejectsFile } from "./rejects.ts";

const sql = namedQueries(
  text,
  "createStaging",
  "copyStaging",
  "moreMemory",
  "lockImports",
  "removeTorn",
  "linkUserIds",
  "mergeDuplicates",
  "hasErased",
  "removeErased",
  "matchPeople",
);

/** How many rows a file had, and what was wrong with some. */
export interface Tally {
  rows: number;
  rejected: number;
  /** rows beyond a person's first */
  duplicates: number;
  /** people whom the organization has erased: they are left out */
  suppressed: number;
  /** the first rejects, to show */
  examples: RejectedRow[];
}

type OnRows = (count: number, share: number) => void;

/** Nothing is changed then, but the rejects file says of every row why. */
export class AllRejected extends UserError {}

const EXAMPLES = 10;

/**
 * Brings a file's good rows by COPY into the transaction's staging table and makes people of them; bad rows go to the
 * rejects file. From here on no other import of the organization can get in between.
 * @throws UserError (2) when no row is left
 */
export async function stagePeople(
  tx: Transaction,
  organizationId: string,
  file: ContactsFile,
  rejects: RejectsFile,
  options: { path: string; onRows?: OnRows | undefined },
): Promise<Tally> {
  const tally: Tally = { rows: 0, rejected: 0, duplicates: 0, suppressed: 0, examples: [] };
  await tx.run(sql.createStaging);
  await copyRows(tx, sql.copyStaging, goodRows(file, rejects, tally, options.onRows));
  await tx.run(sql.moreMemory);
  await tx.run("analyze staged_contacts");
  await tx.run(sql.lockImports, [organizationId]);
  const hasUserIds = file.columns.some((column) => "field" in column && column.field === "bsuid");
  if (hasUserIds) await reject(rejects, tally, await tx.query<RejectedRow>(sql.removeTorn, [organizationId]));
  refuseNothingLeft(options.path, tally);
  if (hasUserIds) await tx.run(sql.linkUserIds, [organizationId]);
  tally.duplicates = await tx.run(sql.mergeDuplicates);
  tally.suppressed = await removeErased(tx, organizationId);
  await tx.run(sql.matchPeople, [organizationId]);
  await tx.run("analyze matched_people");
  return tally;
}

async function removeErased(tx: Transaction, organizationId: string): Promise<number> {
  const has = await tx.one<{ erased: boolean }>(sql.hasErased, [organizationId]);
  return has?.erased === true ? tx.run(sql.removeErased) : 0;
}

async function* goodRows(
  file: ContactsFile,
  rejects: RejectsFile,
  tally: Tally,
  onRows: OnRows | undefined,
): AsyncGenerator<ContactRow[]> {
  for await (const batch of file.batches) {
    const bad = batch.filter((row): row is RejectedRow => "reason" in row);
    await reject(rejects, tally, bad);
    tally.rows += batch.length;
    onRows?.(batch.length, file.share());
    yield batch.filter((row): row is ContactRow => !("reason" in row));
  }
}

async function reject(rejects: RejectsFile, tally: Tally, rows: readonly RejectedRow[]): Promise<void> {
  tally.rejected += rows.length;
  tally.examples.push(...rows.slice(0, EXAMPLES - tally.examples.length));
  await rejects.write(rows);
}

function refuseNothingLeft(path: string, tally: Tally): void {
  if (tally.rows > tally.rejected) return;
  const why = tally.examples
    .slice(0, 5)
    .map((row) => `\n  line ${row.line}: ${row.reason}`)
    .join("");
  if (tally.rows === 0)
    throw new UserError(`${path} has a header and no rows`, { hint: "Nothing was changed." });
  throw new AllRejected(`every row of ${path} was rejected${why}`, { hint: "Nothing was changed." });
}
