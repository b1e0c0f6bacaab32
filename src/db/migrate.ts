import type { Knex } from "knex";
import pg from "pg";
import { ExitCode, UserError } from "../errors.ts";
import { connectionFault } from "./faults.ts";
import {
  listMigrations,
  type Migration,
  migrationChecksum,
  migrationSql,
  migrationsFolder,
  tablesDropped,
} from "./migrations.ts";
import { newerSchema } from "./schema.ts";

/** knex's own table of what has run; `checksum` is ours. Read by every command (see schema.ts). */
export const MIGRATIONS_TABLE = "adsapp_migrations";

/** One number for all of adsapp: whoever holds it migrates, the others wait and then find the work done. */
const MIGRATION_LOCK = 7_237_001;

export interface MigrationState {
  name: string;
  applied: boolean;
  /** the file was edited after it ran, or the database has what this program does not know */
  note: "changed since it ran" | "unknown to this program" | null;
}

/**
 * knex's view of migrations/: plain SQL, run on the raw pg connection of knex's transaction, since knex.raw would
 * rewrite each `?` and `:name`, in function bodies too. knexfile.ts uses it, so `knex migrate:latest` does the same.
 */
export function migrationSource(folder = migrationsFolder()): Knex.MigrationSource<Migration> {
  const runRaw = async (trx: Knex, sql: string) => {
    const connection = await (
      trx as Knex & { client: { acquireConnection(): Promise<pg.Client> } }
    ).client.acquireConnection();
    await connection.query(`set local row_security = off; set local search_path = public; ${sql}`);
  };
  return {
    getMigrations: async () => listMigrations(folder),
    getMigrationName: (migration) => migration.name,
    getMigration: async (migration) => ({
      up: (trx) => runRaw(trx, migrationSql(migration, "up")),
      down: (trx) => runRaw(trx, migrationSql(migration, "down")),
    }),
  };
}

export interface MigrateOptions {
  folder?: string;
  /** `down`: the last name that stays, or nothing stays */
  to?: string;
  /** `down`: also drop tables that hold rows */
  force?: boolean;
}

/**
 * Brings the schema up to date. @returns the names of the migrations that ran, in order ([] when there was nothing to do)
 * @throws UserError when a migration that has run was edited, or the database is newer than this program
 */
export async function migrateUp(url: string, options: MigrateOptions = {}): Promise<string[]> {
  return underLock(url, options, async (knex, client) => {
    await refuseStrangers(client, options.folder);
    const [, names] = (await knex.migrate.latest()) as [number, string[]];
    await writeChecksums(client, options.folder);
    return names;
  });
}

/**
 * Takes back every migration after `to` (default: the last one), newest first.
 * @throws UserError when a table that would go holds rows and `force` is not given; nothing is changed then
 */
export async function migrateDown(url: string, options: MigrateOptions = {}): Promise<string[]> {
  return underLock(url, options, async (knex, client) => {
    const known = listMigrations(options.folder);
    const applied = await appliedNames(client);
    const stays = options.to === undefined ? applied.length - 1 : keptCount(applied, options.to);
    const going = applied.slice(stays).reverse();
    if (options.force !== true)
      await refuseDataLoss(
        client,
        known.filter((migration) => going.includes(migration.name)),
      );
    for (const _ of going) await knex.migrate.down();
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
        const changed = row?.checksum != null && row.checksum !== migrationChecksum(migration);
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
      connection: url,
      pool: { min: 0, max: 1 },
      migrations: { tableName: MIGRATIONS_TABLE, migrationSource: migrationSource(options.folder) },
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
  const client = new pg.Client({ connectionString: url, application_name: "adsapp migrate" });
  client.on("error", () => {});
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw connectionFault(error) ?? error;
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

async function appliedNames(client: pg.Client): Promise<string[]> {
  return (await appliedRows(client)).map((row) => row.name);
}

async function refuseStrangers(client: pg.Client, folder?: string): Promise<void> {
  const known = new Map(listMigrations(folder).map((migration) => [migration.name, migration]));
  for (const row of await appliedRows(client)) {
    const migration = known.get(row.name);
    if (migration === undefined) throw newerSchema(row.name);
    if (row.checksum !== null && row.checksum !== migrationChecksum(migration)) {
      throw new UserError(`migration ${row.name} was edited after it ran on this database`, {
        hint: "Restore the file; write a new migration for the change (adsapp migrate generate NAME).",
        exitCode: ExitCode.Failed,
      });
    }
  }
}

async function writeChecksums(client: pg.Client, folder?: string): Promise<void> {
  const known = listMigrations(folder);
  await client.query(`alter table public.${MIGRATIONS_TABLE} add column if not exists checksum text`);
  await client.query(
    `update public.${MIGRATIONS_TABLE} m set checksum = k.checksum
       from unnest($1::text[], $2::text[]) as k(name, checksum) where m.name = k.name and m.checksum is null`,
    [known.map((migration) => migration.name), known.map(migrationChecksum)],
  );
}

function keptCount(applied: readonly string[], to: string): number {
  if (to === "0") return 0;
  const index = applied.findIndex((name) => name === to || name.startsWith(`${to}_`));
  if (index < 0)
    throw new UserError(`no applied migration "${to}"`, {
      hint: "adsapp migrate status lists them; 0 takes back all.",
      exitCode: ExitCode.NotFound,
    });
  return index + 1;
}

async function refuseDataLoss(client: pg.Client, going: readonly Migration[]): Promise<void> {
  const tables = going.flatMap(tablesDropped);
  if (tables.length === 0) return;
  const probes = tables.map(
    (table) => `select '${table}' as name where exists (select from public.${table})`,
  );
  const { rows } = await client.query<{ name: string }>(probes.join(" union all "));
  if (rows.length === 0) return;
  throw new UserError(
    `these tables hold data and would be dropped: ${rows.map((row) => row.name).join(", ")}`,
    {
      hint: "Nothing was changed. --force drops them with their data.",
      exitCode: ExitCode.Failed,
    },
  );
}
