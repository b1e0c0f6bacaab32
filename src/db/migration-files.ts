import { readdirSync } from "node:fs";
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
