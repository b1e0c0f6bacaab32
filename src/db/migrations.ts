import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Knex } from "knex";
import type pg from "pg";
import { listMigrations, type Migration, migrationsFolder } from "./migration-files.ts";
import { localSettings, withheld } from "./migration-script.ts";

/** knex's own table of what has run; `checksum` is ours. Read by every command (see schema.ts). */
export const MIGRATIONS_TABLE = "adsapp_migrations";

export function migrationSql(migration: Migration, direction: "up" | "down"): string {
  return readFileSync(join(migration.folder, `${migration.name}.${direction}.sql`), "utf8");
}

/** Of the `up` file: a migration that has run must not be edited afterwards. */
export function migrationChecksum(migration: Migration): string {
  return createHash("sha256").update(migrationSql(migration, "up")).digest("hex");
}

/** The tables that a migration makes, as its text names them. */
export function tablesMade(migration: Migration): string[] {
  return tablesNamed(migrationSql(migration, "up"), /^create table (\w+)/gim);
}

/** The tables that a migration's `down` drops. */
export function tablesDropped(migration: Migration): string[] {
  return tablesNamed(migrationSql(migration, "down"), /^drop table (?:if exists )?(\w+)/gim);
}

function tablesNamed(sql: string, statement: RegExp): string[] {
  return [...sql.matchAll(statement)].map((match) => match[1] as string);
}

/** knex has the hook; its types do not know it. */
type MigratorConfig = Knex.MigratorConfig & { afterAll(trx: Knex): Promise<void> };

/**
 * knex's view of migrations/, for `adsapp migrate` and knexfile.ts alike. Plain SQL, run on the raw connection of
 * knex's transaction: knex.raw would rewrite each `?` and `:name`, in function bodies too.
 * @param lockMilliseconds how long a statement may wait for a table that somebody uses; 0: as long as it takes
 */
export function migratorConfig(folder = migrationsFolder(), lockMilliseconds = 0): MigratorConfig {
  return {
    tableName: MIGRATIONS_TABLE,
    migrationSource: {
      getMigrations: async () => listMigrations(folder),
      getMigrationName: (migration) => migration.name,
      getMigration: async (migration) => ({
        up: (trx) => runRaw(trx, withheld(`${migrationSql(migration, "up")}\n;`), lockMilliseconds),
        down: (trx) => runRaw(trx, migrationSql(migration, "down"), lockMilliseconds),
      }),
    } satisfies Knex.MigrationSource<Migration>,
    afterAll: (trx) => writeChecksums(trx, folder),
  };
}

/** The connection of a knex transaction, as node-postgres made it. */
export function rawConnection(trx: Knex): Promise<pg.Client> {
  return (trx as Knex & { client: { acquireConnection(): Promise<pg.Client> } }).client.acquireConnection();
}

async function runRaw(trx: Knex, sql: string, lockMilliseconds: number): Promise<void> {
  const connection = await rawConnection(trx);
  await connection.query(`${localSettings()}\nset local lock_timeout = ${lockMilliseconds};\n${sql}`);
}

async function writeChecksums(trx: Knex, folder: string): Promise<void> {
  const known = listMigrations(folder);
  const hasColumn = await trx.schema.hasColumn(MIGRATIONS_TABLE, "checksum");
  if (!hasColumn) await trx.schema.alterTable(MIGRATIONS_TABLE, (table) => table.text("checksum"));
  await trx.raw(
    `update ${MIGRATIONS_TABLE} m set checksum = k.checksum
       from unnest(:names::text[], :checksums::text[]) as k(name, checksum) where m.name = k.name and m.checksum is null`,
    { names: known.map((migration) => migration.name), checksums: known.map(migrationChecksum) },
  );
}
