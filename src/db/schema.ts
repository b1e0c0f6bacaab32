import { ExitCode, UserError } from "../errors.ts";
import { listMigrations } from "./migration-files.ts";

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

/** What `requireSchema` wants to know. */
export const SCHEMA_QUESTION = "select name from public.adsapp_migrations order by id";

/**
 * Is the schema the one that this program was written for? Asked once by every command before it works.
 * @param applied the answer to SCHEMA_QUESTION
 * @throws UserError saying what to run when the schema is missing or (75) behind, or that the program is too old
 */
export function requireSchema(applied: readonly string[]): void {
  const known = listMigrations().map((migration) => migration.name);
  const stranger = applied.find((name) => !known.includes(name));
  if (stranger !== undefined) throw newerSchema(stranger);
  const missing = known.filter((name) => !applied.includes(name));
  if (missing.length === 0) return;
  const hint = "Run: adsapp migrate up";
  if (applied.length === 0)
    throw new UserError("the database has no adsapp schema yet", { hint, exitCode: ExitCode.Failed });
  throw new UserError(`the schema is behind by ${missing.length} of ${known.length} migrations`, {
    hint: `${hint}. Where that runs just now, the next try works.`,
    exitCode: ExitCode.TryAgain,
  });
}
