import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../root.ts";

/** One topic of the schema: `NNN_topic.up.sql` and `NNN_topic.down.sql` (migrations/CONVENTIONS.md). */
export interface Migration {
  /** `NNN_topic` */
  name: string;
  folder: string;
}

export function migrationsFolder(): string {
  return join(packageRoot(), "migrations");
}

/** The migrations of a folder in the order in which they run. */
export function listMigrations(folder = migrationsFolder()): Migration[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".up.sql"))
    .sort()
    .map((file) => ({ name: file.slice(0, -".up.sql".length), folder }));
}

export function migrationSql(migration: Migration, direction: "up" | "down"): string {
  return readFileSync(join(migration.folder, `${migration.name}.${direction}.sql`), "utf8");
}

/** Of the `up` file: a migration that has run must not be edited afterwards. */
export function migrationChecksum(migration: Migration): string {
  return createHash("sha256").update(migrationSql(migration, "up")).digest("hex");
}

/** The tables that a migration's `down` drops, as its text names them. */
export function tablesDropped(migration: Migration): string[] {
  return [...migrationSql(migration, "down").matchAll(/^drop table (?:if exists )?(\w+)/gim)].map(
    (match) => match[1] as string,
  );
}
