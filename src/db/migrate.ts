import type { Knex } from "knex";
import pg from "pg";
import { ExitCode, UserError } from "../errors.ts";
import { connectionFault } from "./faults.ts";
import { listMigrations, type Migration } from "./migration-files.ts";
import {
  MIGRATIONS_TABLE,
  migrationChecksum,
  migratorConfig,
  rawConnection,
  tablesDropped,
  tablesMade,
} from "./migrations.ts";
import { LOCK_MILLISECONDS, patiently } from "./patience.ts";
import { editedMigration, newerSchema } from "./schema.ts";
import { secureUrl } from "./secure-url.ts";

/** One number for all of adsapp: whoever holds it migrates, the others wait and then find the work done. */
const MIGRATION_LOCK = 7_237_001;

export interface MigrationState {
  name: string;
  applied: boolean;
  /** the file was edited after it ran, or the database has what this program does not know */
  note: "changed since it ran" | "unknown to this program" | null;
}

export interface MigrateOptions {
  folder?: string;
  /** `down`: the last name that stays, or nothing stays */
  to?: string;
  /** `down`: also drop tables that hold rows */
  force?: boolean;
  /** seconds in which it tries again where somebody holds a table (120) */
  patience?: number;
}

/**
 * Brings the schema up to date, in one transaction. @returns the names of the migrations that ran, in order ([] when
 * there was nothing to do)
 * @throws UserError when a migration that has run was edited, the database is newer than this program, or has tables
 *   of the same names that adsapp did not make
 */
export async function migrateUp(url: string, options: MigrateOptions = {}): Promise<string[]> {
  return underLock(url, options, async (knex, client) => {
    const known = listMigrations(options.folder);
    const rows = await appliedRows(client);
    refuseStrangers(rows, known);
    refuseEdited(rows, known);
    await refuseForeignTables(client, known.slice(rows.length));
    return patiently(client, options.patience, async () => {
      const [, names] = (await knex.migrate.latest()) as [number, string[]];
      return names;
    });
  });
}

/**
 * Takes back every migration after `to` (default: the last one), newest first, in one transaction.
 * @throws UserError when a table that would go holds rows and `force` is not given; nothing is changed then
 */
export async function migrateDown(url: string, options: MigrateOptions = {}): Promise<string[]> {
  return underLock(url, options, async (knex, client) => {
    const known = listMigrations(options.folder);
    const rows = await appliedRows(client);
    refuseStrangers(rows, known);
    const applied = rows.map((row) => row.name);
    const stays = options.to === undefined ? applied.length - 1 : keptCount(applied, options.to);
    const going = applied.slice(stays).reverse();
    // knex's own transaction would be one a migration, and its lock a row that a kill leaves behind
    const takeBack = async (trx: Knex.Transaction) => {
      const tables = known.filter((migration) => going.includes(migration.name)).flatMap(tablesDropped);
      if (options.force !== true) await refuseDataLoss(await rawConnection(trx), tables);
      for (const _ of going) await trx.migrate.down();
    };
    await patiently(client, options.patience, () => knex.transaction(takeBack));
    return going;
  });
}

/** Every migration of the folder and of the database, and whether it has run. */
export async function migrationStates(url: string, folder?: string): Promise<MigrationState[]> {
  return withClient(url, async (client) => {
    const rows = await appliedRows(client);
    const known = listMigrations(folder);
    const strangers = rows.filter((row) => !known.some((migration) => migration.name === row.name));
    return [
      ...known.map((migration): MigrationState => {
        const row = rows.find((r) => r.name === migration.name);
        const changed = row !== undefined && wasEdited(row, migration);
        return {
          name: migration.name,
          applied: row !== undefined,
          note: changed ? "changed since it ran" : null,
        };
      }),
      ...strangers.map(
        (row): MigrationState => ({ name: row.name, applied: true, note: "unknown to this program" }),
      ),
    ];
  });
}

async function underLock<T>(
  url: string,
  options: MigrateOptions,
  work: (knex: Knex, client: pg.Client) => Promise<T>,
): Promise<T> {
  return withClient(url, async (client) => {
    const { default: createKnex } = await import("knex");
    await client.query("begin");
    // held by a transaction of its own, so that a killed run leaves no lock behind and PgBouncer may stand between
    await client.query("select pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
    const knex = createKnex({
      client: "pg",
      connection: secureUrl(url),
      pool: { min: 0, max: 1 },
      migrations: migratorConfig(options.folder, LOCK_MILLISECONDS),
      log: { warn() {}, error() {}, deprecate() {}, debug() {} },
    });
    try {
      return await withClient(url, (side) => work(knex, side));
    } finally {
      await knex.destroy();
      await client.query("rollback");
    }
  });
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: secureUrl(url), application_name: "adsapp migrate" });
  client.on("error", () => {});
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw connectionFault(error) ?? refusal(error) ?? error;
  } finally {
    await client.end().catch(() => {});
  }
}

interface AppliedRow {
  name: string;
  checksum: string | null;
}

async function appliedRows(client: pg.Client): Promise<AppliedRow[]> {
  const { rows } = await client.query<{ found: boolean }>(
    "select exists (select from information_schema.columns where table_schema = 'public' and table_name = $1) as found",
    [MIGRATIONS_TABLE],
  );
  if (rows[0]?.found !== true) return [];
  return (
    await client.query<AppliedRow>(
      `select name, to_jsonb(m) ->> 'checksum' as checksum from public.${MIGRATIONS_TABLE} m order by id`,
    )
  ).rows;
}

/** What PostgreSQL does not let this login do, in its words: not those for a viewer of an organization. */
function refusal(error: unknown): UserError | undefined {
  const { code, message, detail, hint } = error as pg.DatabaseError;
  if (code !== "42501") return undefined;
  const words = message.split(" - ").at(-1); // knex puts the statement before them
  return new UserError([words, detail].filter(Boolean).join(". "), {
    hint: `Nothing was changed. ${hint ?? OWNER_NEEDS}`,
    exitCode: ExitCode.Failed,
    cause: error,
  });
}

const OWNER_NEEDS =
  "The login must own the database and have CREATEROLE. Where another owner in this cluster made the roles, " +
  "that one runs: GRANT adsapp_worker, adsapp_operator TO … WITH INHERIT TRUE, SET TRUE";

function refuseStrangers(rows: readonly AppliedRow[], known: readonly Migration[]): void {
  const stranger = rows.find((row) => !known.some((migration) => migration.name === row.name));
  if (stranger !== undefined) throw newerSchema(stranger.name);
}

function refuseEdited(rows: readonly AppliedRow[], known: readonly Migration[]): void {
  const edited = known.find((migration) =>
    rows.some((row) => row.name === migration.name && wasEdited(row, migration)),
  );
  if (edited !== undefined) throw editedMigration(edited.name);
}

function wasEdited(row: AppliedRow, migration: Migration): boolean {
  return row.checksum !== null && row.checksum !== migrationChecksum(migration);
}

async function refuseForeignTables(client: pg.Client, coming: readonly Migration[]): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relname = any ($1) order by 1",
    [coming.flatMap(tablesMade)],
  );
  if (rows.length === 0) return;
  throw new UserError(`the database has tables that adsapp did not make: ${namesOf(rows)}`, {
    hint: "Nothing was changed. Give adsapp a database of its own (CREATE DATABASE adsapp), or rename them.",
    exitCode: ExitCode.Failed,
  });
}

/** Looks under a lock, so that nobody can write between the look and the drop. */
async function refuseDataLoss(client: pg.Client, tables: readonly string[]): Promise<void> {
  if (tables.length === 0) return;
  await client.query(`set local lock_timeout = ${LOCK_MILLISECONDS}`);
  await client.query(`lock table ${tables.map((table) => `public.${table}`).join(", ")}`);
  const probes = tables.map(
    (table) => `select '${table}' as name where exists (select from public.${table})`,
  );
  const { rows } = await client.query<{ name: string }>(`${probes.join(" union all ")} order by name`);
  if (rows.length === 0) return;
  throw new UserError(`these tables hold data and would be dropped: ${namesOf(rows)}`, {
    hint: "Nothing was changed. --force drops them with their data.",
    exitCode: ExitCode.Failed,
  });
}

const namesOf = (rows: readonly { name: string }[]) => rows.map((row) => row.name).join(", ");

/** How many of the applied ones stay: up to and with `to`, by name or number; "0" keeps none. */
function keptCount(applied: readonly string[], to: string): number {
  if (to === "0") return 0;
  const index = applied.findIndex(
    (name) => name === to || (/^\d+$/.test(to) && Number(name.split("_")[0]) === Number(to)),
  );
  if (index < 0)
    throw new UserError(`no applied migration "${to}"`, {
      hint: "adsapp migrate status lists them; 0 takes back all.",
      exitCode: ExitCode.NotFound,
    });
  return index + 1;
}
