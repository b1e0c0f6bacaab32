import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { notAllowed, notFound } from "../errors.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import text from "./imports.sql";

const sql = namedQueries(text, "listImports", "findImport", "notKept", "undoImport");

/** An import as it was reported, and whether it was taken back. */
export interface PastImport {
  id: string;
  fileName: string;
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  skipped: number;
  /** of the skipped: people whom the organization has erased */
  suppressed: number;
  rejected: number;
  createdAt: Date;
  undoneAt: Date | null;
  /** email of the profile; null: it is gone */
  importedBy: string | null;
  options: object;
}

/** A page of imports, the newest first. @param after id of the last one of the page before */
export function listImports(
  tx: Transaction,
  organizationId: string,
  page: { after?: string | undefined; limit: number },
): Promise<PastImport[]> {
  return tx.query(sql.listImports, [organizationId, page.after ?? null, page.limit]);
}

/** @throws UserError (4) */
export async function findImport(
  tx: Transaction,
  organizationId: string,
  id: string,
): Promise<{ id: string; fileName: string }> {
  const found = await tx.one<{ id: string; fileName: string }>(sql.findImport, [organizationId, id]);
  if (found === undefined) throw notFound("import", id);
  return found;
}

/** What an undo did; of those left as they are, how many for which reason. */
export interface Undone {
  importId: string;
  fileName: string;
  /** contacts that the import had created */
  removed: number;
  /** contacts that got back what they had */
  reverted: number;
  tagsRemoved: number;
  membershipsRemoved: number;
  /** contacts that the import had created */
  leftCreated: Record<string, number>;
  /** contacts that the import had updated */
  leftUpdated: Record<string, number>;
}

interface Answer {
  undone_before?: string;
  removed: number;
  reverted: number;
  tags: number;
  memberships: number;
  left_created: Record<string, number>;
  left_updated: Record<string, number>;
}

/**
 * Takes back what an import made, as far as nobody went on from there. Opt-outs and blocks stay, and so do the lists.
 * As operator.
 * @throws UserError (4) when there is no such import, (1) when it was undone before, (5) for viewers
 */
export async function undoImport(tx: Transaction, organizationId: string, id: string): Promise<Undone> {
  const { id: importId, fileName } = await findImport(tx, organizationId, id);
  await refuseViewer(tx);
  const notKept = await leftUnkept(tx, organizationId, importId);
  const answer = (await tx.one<{ undone: Answer }>(sql.undoImport, [importId]))?.undone as Answer;
  if (answer.undone_before !== undefined)
    throw notAllowed(`this import was undone on ${answer.undone_before} already`, "Nothing was changed.");
  return {
    importId,
    fileName,
    removed: answer.removed,
    reverted: answer.reverted,
    tagsRemoved: answer.tags,
    membershipsRemoved: answer.memberships,
    leftCreated: answer.left_created,
    leftUpdated: { ...answer.left_updated, ...notKept },
  };
}

async function leftUnkept(
  tx: Transaction,
  organizationId: string,
  id: string,
): Promise<Record<string, number>> {
  const found = await tx.one<{ people: number; onlyNo: boolean }>(sql.notKept, [organizationId, id]);
  if (found === undefined || found.people <= 0) return {};
  return { [found.onlyNo ? "opted out or blocked" : "what they were is not kept"]: found.people };
}
