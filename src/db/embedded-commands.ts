import type { Context } from "../cli/context.ts";
import { ExitCode, UserError } from "../errors.ts";

/** @throws UserError where DATABASE_URL names a database that is not ours to start, stop or reset */
export function requireEmbedded(context: Context): string {
  if (context.config.databaseUrl === undefined) return context.config.home;
  throw new UserError("DATABASE_URL is set: that database is not adsapp's to manage", {
    hint: "Unset DATABASE_URL for the embedded PostgreSQL.",
    exitCode: ExitCode.Failed,
  });
}
