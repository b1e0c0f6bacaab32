import { isDeepStrictEqual } from "node:util";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { notAllowed } from "../errors.ts";
import { findSender } from "../senders/senders.ts";
import type { Campaign } from "./campaign.ts";
import text from "./campaigns.sql";
import type { BroadcastDefinition } from "./definition.ts";
import { findCampaign } from "./find.ts";
import { definitionOf } from "./stored.ts";

const sql = namedQueries(text, "saveCampaign");

/**
 * Saves a broadcast as a draft. As operator. Without a sender it takes the organization's default one at its start.
 * @param ifNotExists answer an existing one that is alike
 * @throws UserError (1) when the name is taken, or the existing one differs; (4) for a sender that does not exist
 */
export async function saveCampaign(
  tx: Transaction,
  organizationId: string,
  definition: BroadcastDefinition,
  ifNotExists = false,
): Promise<Campaign> {
  const sender =
    definition.sender === undefined ? undefined : await findSender(tx, organizationId, definition.sender);
  const {
    name,
    type,
    targetAudience,
    message,
    scheduling,
    rateLimiting,
    settings,
    variants = [],
  } = definition;
  const json = [targetAudience, message, scheduling, rateLimiting, settings, variants].map((value) =>
    JSON.stringify(value),
  );
  const saved = await tx.one<{ id: string }>(sql.saveCampaign, [
    organizationId,
    name,
    type,
    ...json,
    sender?.id ?? null,
  ]);
  const campaign = await findCampaign(tx, organizationId, saved?.id ?? name);
  if (saved === undefined) refuseOther(campaign, { ...definition, sender: sender?.name }, ifNotExists);
  return campaign;
}

/** One that was started has a sender even where its definition names none. */
function refuseOther(existing: Campaign, wanted: BroadcastDefinition, ifNotExists: boolean): void {
  const stored = definitionOf(existing);
  const fields = Object.keys(wanted) as (keyof BroadcastDefinition)[];
  const differing = fields.filter(
    (field) => wanted[field] !== undefined && !isDeepStrictEqual(stored[field], wanted[field]),
  );
  if (ifNotExists && differing.length === 0) return;
  const how = differing.length > 0 ? ` with another ${differing.join(", ")}` : "";
  throw notAllowed(
    `a campaign "${existing.name}" exists${how}`,
    "Give it another name; --if-not-exists accepts one that is alike.",
  );
}
