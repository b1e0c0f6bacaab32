import type { Database } from "../db/database.ts";
import { worker, workerByKeys } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import directText from "./direct.sql";
import text from "./rescue.sql";

const sql = namedQueries(
  text,
  "rescueWindows",
  "settleUnknown",
  "planHeldDrips",
  "lockRunning",
  "completeCampaigns",
);

const direct = namedQueries(directText, "rescueDirect");

/** What dead workers held becomes `unknown`. @returns how many rows */
export async function rescueWindows(database: Database, organizationId?: string): Promise<number> {
  return count(database, sql.rescueWindows, organizationId);
}

/** The same of the direct queue. @returns how many messages */
export async function rescueDirect(database: Database, organizationId?: string): Promise<number> {
  return database.transaction(worker, (tx) => tx.run(direct.rescueDirect, [organizationId ?? null]));
}

/** Unknown rows whose silence is proof go back to pending. @returns how many */
export async function settleUnknown(database: Database, organizationId?: string): Promise<number> {
  return count(database, sql.settleUnknown, organizationId);
}

/** Drips go on past a step whose outcome only a person settles. @returns how many enrollments */
export async function planHeldDrips(database: Database, organizationId?: string): Promise<number> {
  return count(database, sql.planHeldDrips, organizationId);
}

/** Running campaigns without an open row are complete. @returns how many */
export async function completeCampaigns(database: Database, organizationId?: string): Promise<number> {
  return database.transaction(worker, async (tx) => {
    const running = await tx.query<{ id: string }>(sql.lockRunning, [organizationId ?? null]);
    if (running.length === 0) return 0;
    return tx.run(sql.completeCampaigns, [running.map(({ id }) => id)]);
  });
}

async function count(database: Database, query: string, organizationId: string | undefined): Promise<number> {
  const counted = await database.transaction(workerByKeys, (tx) =>
    tx.one<{ rows: number }>(query, [organizationId ?? null]),
  );
  return counted?.rows ?? 0;
}
