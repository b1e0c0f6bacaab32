import { nearest } from "../cli/near.ts";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { notFound } from "../errors.ts";
import text from "./reports.sql";

const sql = namedQueries(text, "campaignsNamed", "campaignNames");

export interface Named {
  id: string;
  name: string;
}

/**
 * Which campaigns a name or id means to a report: a broadcast, a drip, or one of each where they share a name. As operator.
 * @throws UserError (4) with near names
 */
export async function campaignsNamed(
  tx: Transaction,
  organizationId: string,
  nameOrId: string,
): Promise<Named[]> {
  const found = await tx.query<Named>(sql.campaignsNamed, [organizationId, nameOrId]);
  if (found.length > 0) return found;
  const names = await tx.query<{ name: string }>(sql.campaignNames, [organizationId]);
  const near = nearest(
    nameOrId,
    names.map(({ name }) => name),
  );
  throw notFound("campaign", nameOrId, near);
}
