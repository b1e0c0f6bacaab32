import type { Database, Transaction } from "../db/database.ts";
import { type Identity, worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import { notAllowed } from "../errors.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import type { Campaign } from "./campaign.ts";
import text from "./campaigns.sql";
import { findCampaign } from "./find.ts";

const sql = namedQueries(
  text,
  "pauseCampaign",
  "resumeCampaign",
  "cancelCampaign",
  "lockCancelled",
  "cancelOpenJobs",
  "closeRuns",
  "moveScheduled",
  "deleteDraft",
);

/**
 * Stops a scheduled or running campaign where it stands; resume goes on with who is left. As operator.
 * @throws UserError (1) in another state, (4) unknown, (5) for viewers; so do the other transitions
 */
export function pauseCampaign(
  tx: Transaction,
  organizationId: string,
  nameOrId: string,
  reason = "",
): Promise<Campaign> {
  const why = reason.trim() || "paused by a person";
  return change(tx, organizationId, nameOrId, "paused", (id) =>
    tx.run(sql.pauseCampaign, [organizationId, id, why]),
  );
}

/** Goes on with a paused campaign as what it was; a scheduled one whose time has gone by runs. As operator. */
export function resumeCampaign(tx: Transaction, organizationId: string, nameOrId: string): Promise<Campaign> {
  return change(tx, organizationId, nameOrId, "resumed", (id) =>
    tx.run(sql.resumeCampaign, [organizationId, id]),
  );
}

/** Gives a scheduled campaign another time. As operator. One that recurs goes by its cron. */
export function moveCampaign(
  tx: Transaction,
  organizationId: string,
  nameOrId: string,
  at: Date,
): Promise<Campaign> {
  return change(tx, organizationId, nameOrId, "moved", (id) =>
    tx.run(sql.moveScheduled, [organizationId, id, at]),
  );
}

/** Removes a draft: whatever was started stays, since its ledger does. As operator. @returns the campaign as it was */
export async function deleteCampaign(
  tx: Transaction,
  organizationId: string,
  nameOrId: string,
): Promise<Campaign> {
  const campaign = await findCampaign(tx, organizationId, nameOrId);
  if ((await tx.run(sql.deleteDraft, [organizationId, campaign.id])) > 0) return campaign;
  await refuseViewer(tx);
  throw notAllowed(`campaign "${campaign.name}" is ${campaign.status}: only a draft can be deleted`);
}

/**
 * Ends a campaign for good: whoever was not dispatched yet gets nothing. The rows are closed as worker; were this cut off
 * between, the next tick closes them (closeCancelled).
 * @returns the campaign and how many messages it will not send
 */
export async function cancelCampaign(
  database: Database,
  asOperator: Identity,
  organizationId: string,
  nameOrId: string,
): Promise<{ campaign: Campaign; cancelled: number }> {
  const { id } = await database.transaction(asOperator, (tx) =>
    change(tx, organizationId, nameOrId, "cancelled", (campaignId) =>
      tx.run(sql.cancelCampaign, [organizationId, campaignId]),
    ),
  );
  const cancelled = await closeCancelled(database, organizationId, id);
  const campaign = await database.transaction(asOperator, (tx) => findCampaign(tx, organizationId, id));
  return { campaign, cancelled };
}

/**
 * Closes the rows of cancelled campaigns that are still open: of one campaign, or of every one whose cancel was cut off.
 * @returns how many messages will not be sent
 */
export function closeCancelled(
  database: Database,
  organizationId?: string,
  campaignId?: string,
): Promise<number> {
  return database.transaction(worker, async (tx) => {
    const runs = await tx.query<{ campaignId: string }>(sql.lockCancelled, [
      organizationId ?? null,
      campaignId ?? null,
    ]);
    if (runs.length === 0) return 0;
    const ids = [...new Set(runs.map((run) => run.campaignId))];
    const cancelled = await tx.run(sql.cancelOpenJobs, [ids]);
    await tx.run(sql.closeRuns, [ids]);
    return cancelled;
  });
}

/** The state is checked inside the update: of two people at once, one is told. */
async function change(
  tx: Transaction,
  organizationId: string,
  nameOrId: string,
  verb: string,
  update: (id: string) => Promise<number>,
): Promise<Campaign> {
  const { id } = await findCampaign(tx, organizationId, nameOrId);
  const changed = await update(id);
  const campaign = await findCampaign(tx, organizationId, id);
  if (changed > 0) return campaign;
  await refuseViewer(tx);
  throw notAllowed(`campaign "${campaign.name}" is ${campaign.status}: it cannot be ${verb}`);
}
