import type { Database } from "../db/database.ts";
import type { Identity } from "../db/identity.ts";
import { UserError } from "../errors.ts";
import type { Campaign } from "./campaign.ts";
import { findCampaign } from "./find.ts";
import { startCampaign } from "./start.ts";
import { moveCampaign } from "./transitions.ts";

/**
 * Arms a draft for a time to come, or gives a scheduled campaign another one. As operator.
 * @throws UserError (2) for a time that has gone by, (1) in another state, (4) unknown, (5) for viewers
 */
export async function scheduleCampaign(
  database: Database,
  asOperator: Identity,
  organizationId: string,
  nameOrId: string,
  at: Date,
): Promise<{ campaign: Campaign; warnings: string[] }> {
  const { id, status } = await database.transaction(asOperator, async (tx) => {
    const clock = await tx.one<{ now: Date }>("select adsapp_now() as now");
    if (clock !== undefined && at <= clock.now)
      throw new UserError(`${at.toISOString()} has gone by`, { hint: "campaign start sends at once." });
    return findCampaign(tx, organizationId, nameOrId);
  });
  const warnings =
    status === "draft"
      ? (await startCampaign(database, asOperator, organizationId, id, { at })).warnings
      : [];
  const campaign = await database.transaction(asOperator, (tx) =>
    status === "draft" ? findCampaign(tx, organizationId, id) : moveCampaign(tx, organizationId, id, at),
  );
  return { campaign, warnings };
}
