import type { Database, Transaction } from "../db/database.ts";
import { type Identity, worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import { ExitCode, notAllowed, UserError } from "../errors.ts";
import type { Campaign } from "./campaign.ts";
import text from "./campaigns.sql";
import { findCampaign } from "./find.ts";

const sql = namedQueries(text, "pauseCampaign", "resumeCampaign", "cancelCampaign", "cancelOpenJobs");

/** Stops a scheduled or running campaign where it stands; resume goes on with who is left. As operator. */
export function pauseCampaign(tx: Transaction, organizationId: string, name: string, reason: string): Promise<Campaign> {
  return change(tx, organizationId, name, "paused", (id) => tx.run(sql.pauseCampaign, [organizationId, id, reason]));
}

/** Goes on with a paused campaign as what it was: scheduled or running. As operator. */
export function resumeCampaign(tx: Transaction, organizationId: string, name: string): Promise<Campaign> {
  return change(tx, organizationId, name, "resumed", (id) => tx.run(sql.resumeCampaign, [organizationId, id]));
}

/**
 * Ends a campaign for good: whoever was not dispatched yet gets nothing. The rows are closed as worker; were this cut off
 * between, the next tick closes them.
 * @returns the campaign and how many messages it will not send
 */
export async function cancelCampaign(database: Database, asOperator: Identity, organizationId: string, name: string): Promise<{ campaign: Campaign; cancelled: number }> {
  const campaign = await database.transaction(asOperator, (tx) => change(tx, organizationId, name, "cancelled", (id) => tx.run(sql.cancelCampaign, [organizationId, id])));
  const cancelled = await database.transaction(worker, (tx) => tx.run(sql.cancelOpenJobs, [organizationId, campaign.id]));
  return { campaign, cancelled };
}

async function change(tx: Transaction, organizationId: string, name: string, verb: string, update: (id: string) => Promise<number>): Promise<Campaign> {
  const campaign = await findCampaign(tx, organizationId, name);
  if ((await update(campaign.id)) > 0) return findCampaign(tx, organizationId, campaign.id);
  const { role } = (await tx.one<{ role: string }>("select adsapp_profile_role() as role")) ?? {};
  if (role === "viewer") throw new UserError("viewers only read", { hint: "--as EMAIL acts as another profile.", exitCode: ExitCode.Forbidden });
  throw notAllowed(`campaign "${campaign.name}" is ${campaign.status}: it cannot be ${verb}`);
}
