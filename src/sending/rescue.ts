import type { Database } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import text from "./rescue.sql";

const sql = namedQueries(text, "rescueWindows", "settleUnknown", "completeCampaigns");

/** What dead workers held becomes `unknown`. @returns how many rows */
export async function rescueWindows(database: Database, organizationId?: string): Promise<number> {
  return run(database, sql.rescueWindows, organizationId);
}

/** Unknown rows whose silence is proof go back to pending. @returns how many */
export async function settleUnknown(database: Database, organizationId?: string): Promise<number> {
  return run(database, sql.settleUnknown, organizationId);
}

/** Running campaigns without an open row are complete. @returns how many */
export async function completeCampaigns(database: Database, organizationId?: string): Promise<number> {
  return run(database, sql.completeCampaigns, organizationId);
}

function run(database: Database, query: string, organizationId: string | undefined): Promise<number> {
  return database.transaction(worker, (tx) => tx.run(query, [organizationId ?? null]));
}
