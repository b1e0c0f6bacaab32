import type pg from "pg";
import { type Audit, audit } from "../analytics/audit.ts";
import { Database } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { migrateUp } from "../db/migrate.ts";
import { requireSchema } from "../db/schema.ts";
import { ExitCode, UserError } from "../errors.ts";
import { copyTables } from "./copy.ts";
import { freeze, isFrozen, thaw } from "./freeze.ts";
import { lockForMoving, openSession, TARGET } from "./sessions.ts";
import {
  type Fingerprint,
  filledTables,
  fingerprints,
  hiddenTables,
  tablesOf,
  takeOverSequences,
} from "./tables.ts";

export interface Moved {
  /** of both sides alike */
  tables: Fingerprint[];
  rows: number;
  /** the ledger of each side */
  source: Audit;
  target: Audit;
}

export interface Telling {
  say(text: string): void;
  begin(rows: number): void;
  copied(table: string, rows: number): void;
}

/**
 * Copies everything that adsapp keeps from one database to another, empty one. The source is only read, and read only from the
 * first copied row on, also when all is done: what it sent later would be sent twice. The target gets all of it or, whatever
 * happens, nothing.
 * @throws UserError when the target holds rows or the source cannot be stopped; the source then takes writes as before
 */
export async function move(sourceUrl: string, targetUrl: string, telling: Telling): Promise<Moved> {
  await requireCurrent(sourceUrl);
  const source = await openSession(sourceUrl, "the database in use");
  let target: pg.Client | undefined;
  try {
    await lockForMoving(source, "the database in use");
    await refuseHidden(source);
    target = await openSession(targetUrl, TARGET);
    await lockForMoving(target, TARGET);
    await refuseFilled(target);
    await migrateUp(targetUrl);
    const tables = await copyFrozen(source, target, telling);
    await target.query("analyze");
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    return { tables, rows, source: await auditOf(sourceUrl), target: await auditOf(targetUrl) };
  } finally {
    await Promise.all([source, target].map((client) => client?.end().catch(() => {})));
  }
}

/** The source of a move that is not wanted takes writes again. @returns false when it took them already */
export async function cancelMove(url: string): Promise<boolean> {
  const client = await openSession(url, "the database in use");
  try {
    await lockForMoving(client, "the database in use");
    if (!(await isFrozen(client))) return false;
    await thaw(client);
    return true;
  } finally {
    await client.end().catch(() => {});
  }
}

async function copyFrozen(source: pg.Client, target: pg.Client, telling: Telling): Promise<Fingerprint[]> {
  await freeze(source, (holders) => telling.say(`Waiting for ticks that send: ${holders}`));
  try {
    await source.query("begin isolation level repeatable read read only");
    await target.query("begin");
    const tables = await tablesOf(source);
    const there = await fingerprints(source, tables);
    telling.begin(there.reduce((sum, { rows }) => sum + rows, 0));
    await copyTables(source, target, await tablesOf(target), telling.copied);
    await takeOverSequences(source, target);
    refuseDifference(there, await fingerprints(target, tables));
    await target.query("commit");
    await source.query("commit");
    return there;
  } catch (error) {
    await target.query("rollback").catch(() => {});
    await source.query("rollback").catch(() => {});
    await thaw(source).catch(() => {});
    throw error;
  }
}

async function requireCurrent(url: string): Promise<void> {
  const database = new Database({ url, requireSchema });
  try {
    await database.transaction(worker, async () => {});
  } finally {
    await database.close();
  }
}

async function refuseHidden(source: pg.Client): Promise<void> {
  const hidden = await hiddenTables(source);
  if (hidden.length === 0) return;
  throw new UserError(`this login does not see every row of ${hidden.join(", ")}`, {
    hint: "Nothing was changed. Use the URL of the login that ran adsapp migrate up, which inherits adsapp_worker.",
    exitCode: ExitCode.Failed,
  });
}

async function refuseFilled(target: pg.Client): Promise<void> {
  const filled = await filledTables(target);
  if (filled.length === 0) return;
  throw new UserError(`the target holds data already, in ${filled.slice(0, 5).join(", ")}`, {
    hint: "Nothing was changed. Name an empty database, or empty this one for good: DATABASE_URL=… adsapp migrate down --to 0 --force",
    exitCode: ExitCode.Failed,
  });
}

function refuseDifference(there: readonly Fingerprint[], here: readonly Fingerprint[]): void {
  const differs = there.filter(
    ({ table, rows, checksum }) =>
      !here.some((other) => other.table === table && other.rows === rows && other.checksum === checksum),
  );
  if (differs.length === 0) return;
  throw new UserError(`the copy is not what was copied: ${differs.map(({ table }) => table).join(", ")}`, {
    hint: "The target was left empty, and the database in use goes on.",
    exitCode: ExitCode.Failed,
  });
}

async function auditOf(url: string): Promise<Audit> {
  const database = new Database({ url, idleSeconds: 600 });
  try {
    return await database.transaction(worker, (tx) => audit(tx, null));
  } finally {
    await database.close();
  }
}
