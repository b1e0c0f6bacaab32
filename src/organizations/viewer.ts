import type { Transaction } from "../db/database.ts";
import { ExitCode, UserError } from "../errors.ts";

/**
 * Under Row Level Security a viewer's update changes no row, and says nothing: ask when nothing changed.
 * @throws UserError (5) when the acting profile is a viewer
 */
export async function refuseViewer(tx: Transaction): Promise<void> {
  const profile = await tx.one<{ role: string | null }>("select adsapp_profile_role() as role");
  if (profile?.role !== "viewer") return;
  throw new UserError("viewers only read", {
    hint: "--as EMAIL acts as another profile.",
    exitCode: ExitCode.Forbidden,
  });
}

/**
 * The policies say so too, but a row that they hide from an update looks like an unknown one: ask first.
 * @param what only an admin does
 * @throws UserError (5) when the acting profile is another than an admin
 */
export async function refuseAllButAdmins(tx: Transaction, what: string): Promise<void> {
  const profile = await tx.one<{ role: string | null }>("select adsapp_profile_role() as role");
  if (profile?.role === "admin") return;
  throw new UserError(`only an admin ${what}`, {
    hint: "--as EMAIL acts as another profile.",
    exitCode: ExitCode.Forbidden,
  });
}
