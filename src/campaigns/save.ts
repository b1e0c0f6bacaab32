import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { ExitCode, UserError } from "../errors.ts";
import { findSender } from "../senders/senders.ts";
import type { Campaign } from "./campaign.ts";
import text from "./campaigns.sql";
import type { BroadcastDefinition } from "./definition.ts";
import { findCampaign } from "./find.ts";

const sql = namedQueries(text, "saveCampaign");

/**
 * Saves a broadcast as a draft. As operator. Without a sender it takes the organization's default one at its start.
 * @throws UserError (1) when the name is taken (unless `ifNotExists`), (4) for a sender that does not exist
 */
export async function saveCampaign(tx: Transaction, organizationId: string, definition: BroadcastDefinition, ifNotExists = false): Promise<Campaign> {
  const sender = definition.sender === undefined ? undefined : await findSender(tx, organizationId, definition.sender);
  const { name, type, targetAudience, message, scheduling, rateLimiting, settings } = definition;
  const json = [targetAudience, message, scheduling, rateLimiting, settings].map((value) => JSON.stringify(value));
  const saved = await tx.one<{ id: string }>(sql.saveCampaign, [organizationId, name, type, ...json, sender?.id ?? null]);
  if (saved === undefined && !ifNotExists) {
    throw new UserError(`a campaign "${name}" exists`, { hint: "Give it another name; --if-not-exists accepts the existing one.", exitCode: ExitCode.Failed });
  }
  return findCampaign(tx, organizationId, saved?.id ?? name);
}
