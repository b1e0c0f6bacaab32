import { ExitCode, UserError } from "../errors.ts";
import type { Transaction } from "./database.ts";
import { listMigrations } from "./migrations.ts";

const UNDEFINED_TABLE = "42P01";

export function newerSchema(name: string): UserError {
  return new UserError(`the database is newer than this program: it has the migration ${name}`, {
    hint: "Install the adsapp that made it.",
    exitCode: ExitCode.Failed,
  });
}

export function editedMigration(name: string): UserError {
  return new UserError(`migration ${name} was edited after it ran on this database`, {
    hint: "Restore the file; write a new migration for the change (adsapp migrate generate NAME).",
    exitCode: ExitCode.Failed,
  });
}

/**
 * Is the schema the one that this program was written for? Asked once by every command before it works.
 * @throws UserError saying what to run when the schema is missing or behind, or that the program is too old
 */
export async function requireSchema(tx: Transaction): Promise<void> {
  const known = listMigrations().map((migration) => migration.name);
  const rows = await tx
    .query<{ name: string }>("select name from public.adsapp_migrations order by id")
    .catch((error) => {
      if ((error as { code?: string }).code === UNDEFINED_TABLE) return [];
      throw error;
    });
  const applied = new Set(rows.map((row) => row.name));
  const stranger = rows.find((row) => !known.includes(row.name));
  if (stranger !== undefined) {
    throw newerSchema(stranger.name);
  }
  const missing = known.filter((name) => !applied.has(name));
  if (missing.length === 0) return;
  const what =
    applied.size === 0
      ? "the database has no adsapp schema yet"
      : `the schema is behind by ${missing.length} of ${known.length} migrations`;
  throw new UserError(what, { hint: "Run: adsapp migrate up", exitCode: ExitCode.Failed });
}
