import { nearest } from "../cli/near.ts";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { notFound } from "../errors.ts";
import type { Campaign, CampaignStatus } from "./campaign.ts";
import text from "./campaigns.sql";

const sql = namedQueries(text, "listCampaigns");

/** The organization's broadcasts, newest first. @param names only those */
export function listCampaigns(
  tx: Transaction,
  organizationId: string,
  status?: CampaignStatus,
  names?: readonly string[],
): Promise<Campaign[]> {
  return tx.query(sql.listCampaigns, [organizationId, status ?? null, null, names ?? null]);
}

/** By name or id. @throws UserError (4) with near names */
export async function findCampaign(
  tx: Transaction,
  organizationId: string,
  nameOrId: string,
): Promise<Campaign> {
  const found = await tx.one<Campaign>(sql.listCampaigns, [organizationId, null, nameOrId, null]);
  if (found !== undefined) return found;
  const names = await tx.query<{ name: string }>(
    "select name from bulk_campaigns where organization_id = $1 order by created_at desc limit 1000",
    [organizationId],
  );
  throw notFound(
    "campaign",
    nameOrId,
    nearest(
      nameOrId,
      names.map((row) => row.name),
    ),
  );
}
