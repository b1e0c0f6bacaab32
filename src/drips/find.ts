import { nearest } from "../cli/near.ts";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { notFound } from "../errors.ts";
import type { Drip, DripStatus } from "./drip.ts";
import text from "./drips.sql";

const sql = namedQueries(text, "listDrips");

/** The organization's drips, newest first. @param names only those */
export function listDrips(
  tx: Transaction,
  organizationId: string,
  status?: DripStatus,
  names?: readonly string[],
): Promise<Drip[]> {
  return tx.query(sql.listDrips, [organizationId, status ?? null, null, names ?? null]);
}

/** By name or id. @throws UserError (4) with near names */
export async function findDrip(tx: Transaction, organizationId: string, nameOrId: string): Promise<Drip> {
  const found = await tx.one<Drip>(sql.listDrips, [organizationId, null, nameOrId, null]);
  if (found !== undefined) return found;
  const names = await tx.query<{ name: string }>(
    "select name from drip_campaigns where organization_id = $1 order by created_at desc limit 1000",
    [organizationId],
  );
  throw notFound(
    "drip",
    nameOrId,
    nearest(
      nameOrId,
      names.map((row) => row.name),
    ),
  );
}
