import { isDeepStrictEqual } from "node:util";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { notAllowed } from "../errors.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import { findSender, type Sender } from "../senders/senders.ts";
import type { Campaign } from "./campaign.ts";
import text from "./campaigns.sql";
import type { BroadcastDefinition } from "./definition.ts";
import { findCampaign } from "./find.ts";
import { definitionOf } from "./stored.ts";

const sql = namedQueries(text, "saveCampaign", "updateDraft");

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
  const sender = await senderOf(tx, organizationId, definition);
  const saved = await tx.one<{ id: string }>(sql.saveCampaign, [
    organizationId,
    definition.name,
    ...columnsOf(definition, sender),
  ]);
  const campaign = await findCampaign(tx, organizationId, saved?.id ?? definition.name);
  if (saved === undefined) refuseOther(campaign, { ...definition, sender: sender?.name }, ifNotExists);
  return campaign;
}

/**
 * Makes a draft what the definition of its name says. What was started keeps its own. As operator.
 * @throws UserError (1) when it was started, or says nothing that can be sent; (4) unknown, also its sender; (5) for viewers
 */
export async function updateDraft(
  tx: Transaction,
  organizationId: string,
  definition: BroadcastDefinition,
): Promise<Campaign> {
  const { id } = await findCampaign(tx, organizationId, definition.name);
  const sender = await senderOf(tx, organizationId, definition);
  const updated = await tx.run(sql.updateDraft, [organizationId, id, ...columnsOf(definition, sender)]);
  const campaign = await findCampaign(tx, organizationId, id);
  if (updated > 0) return campaign;
  await refuseViewer(tx);
  throw notAllowed(
    `campaign "${campaign.name}" is ${campaign.status}: only a draft can be changed`,
    "adsapp campaign clone makes a draft like it, under another name.",
  );
}

/** All but the name, as campaigns.sql takes them. */
function columnsOf(
  { type, targetAudience, message, scheduling, rateLimiting, settings, variants = [] }: BroadcastDefinition,
  sender: Sender | undefined,
): unknown[] {
  const json = [targetAudience, message, scheduling, rateLimiting, settings, variants];
  return [type, ...json.map((value) => JSON.stringify(value)), sender?.id ?? null];
}

/** By name or id; undefined: it names none. */
async function senderOf(
  tx: Transaction,
  organizationId: string,
  { sender }: BroadcastDefinition,
): Promise<Sender | undefined> {
  return sender === undefined ? undefined : findSender(tx, organizationId, sender);
}

/**
 * The fields in which a saved campaign is another than this definition, which names its sender by name. One that was
 * started has a sender even where its definition names none.
 */
export function differences(existing: Campaign, wanted: BroadcastDefinition): (keyof BroadcastDefinition)[] {
  const stored = definitionOf(existing);
  const fields = Object.keys({ ...stored, ...wanted }) as (keyof BroadcastDefinition)[];
  const hasOwnSender = existing.status === "draft" || wanted.sender !== undefined;
  return fields.filter(
    (field) =>
      field !== "name" &&
      (field !== "sender" || hasOwnSender) &&
      !isDeepStrictEqual(stored[field], wanted[field]),
  );
}

function refuseOther(existing: Campaign, wanted: BroadcastDefinition, ifNotExists: boolean): void {
  const differing = differences(existing, wanted).filter(
    (field) => field !== "sender" || wanted.sender !== undefined,
  );
  if (ifNotExists && differing.length === 0) return;
  const how = differing.length > 0 ? ` with another ${differing.join(", ")}` : "";
  throw notAllowed(
    `a campaign "${existing.name}" exists${how}`,
    "Give it another name; --if-not-exists accepts one that is alike.",
  );
}
