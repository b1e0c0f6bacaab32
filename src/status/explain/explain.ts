import { findCampaign } from "../../campaigns/find.ts";
import { findContact } from "../../contacts/find.ts";
import type { Database, Transaction } from "../../db/database.ts";
import { type Identity, worker } from "../../db/identity.ts";
import { findDrip } from "../../drips/find.ts";
import { ExitCode, UserError } from "../../errors.ts";
import { listJobs } from "../../jobs/find.ts";
import type { Organization } from "../../organizations/organization.ts";
import { broadcastGates } from "./broadcast.ts";
import { dripGates } from "./drip.ts";
import { type Conclusion, conclusionOf, type Gate } from "./gate.ts";
import { type Happening, historyOf } from "./history.ts";

/** Why a person gets, or does not get, a message of a broadcast or a drip; the shape of `explain --format json`. */
export interface Explanation extends Pick<Conclusion, "verdict" | "reason" | "until"> {
  contactId: string;
  campaign: string;
  kind: "campaign" | "drip";
  /** of the message that the gates are about; null: it is not written out yet */
  status: string | null;
  /** in the order in which a tick comes to them */
  gates: Gate[];
  /** messages of this campaign or drip to this person so far, oldest first */
  history: Happening[];
}

interface Found {
  id: string;
  name: string;
  kind: "campaign" | "drip";
}

/** Of one person's messages at most so many are looked at, the newest. */
const MOST = 200;

/**
 * Holds one person against every gate of a broadcast or a drip, by the SQL of the claim, and tells what happened so far. It
 * writes nothing.
 * @param wanted.contact phone or id @param wanted.campaign name or id of a broadcast or a drip
 * @throws UserError (4) for what does not exist
 */
export async function explain(
  database: Database,
  identity: Identity,
  organization: Organization,
  wanted: { contact: string; campaign: string },
): Promise<Explanation> {
  const { id: organizationId } = organization;
  const { contactId, found, messages, history } = await reading(database, identity, async (tx) => {
    const contactId = await findContact(tx, organization, wanted.contact);
    const found = await findEither(tx, organizationId, wanted.campaign);
    const which = found.kind === "campaign" ? { campaignId: found.id } : { dripId: found.id };
    const messages = await listJobs(tx, organizationId, { ...which, contactId, limit: MOST });
    return { contactId, found, messages, history: await historyOf(tx, organizationId, messages) };
  });
  const gatesOf = found.kind === "campaign" ? broadcastGates : dripGates;
  const { gates, message } = await reading(database, worker, (tx) =>
    gatesOf(database, tx, { organizationId, contactId, campaignId: found.id }, messages),
  );
  const { verdict, reason, until } = conclusionOf(gates);
  const status = message?.status ?? null;
  return {
    contactId,
    campaign: found.name,
    kind: found.kind,
    status,
    verdict,
    reason,
    until,
    gates,
    history,
  };
}

function reading<T>(
  database: Database,
  identity: Identity,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return database.transaction(identity, async (tx) => {
    await tx.run("set transaction read only");
    return work(tx);
  });
}

/** A broadcast of that name goes before a drip. */
async function findEither(tx: Transaction, organizationId: string, nameOrId: string): Promise<Found> {
  const campaign = await orNotFound(findCampaign(tx, organizationId, nameOrId));
  if (!(campaign instanceof UserError)) return { id: campaign.id, name: campaign.name, kind: "campaign" };
  const drip = await orNotFound(findDrip(tx, organizationId, nameOrId));
  if (!(drip instanceof UserError)) return { id: drip.id, name: drip.name, kind: "drip" };
  throw campaign.hint === undefined && drip.hint !== undefined ? drip : campaign;
}

async function orNotFound<T>(search: Promise<T>): Promise<T | UserError> {
  try {
    return await search;
  } catch (error) {
    if (error instanceof UserError && error.exitCode === ExitCode.NotFound) return error;
    throw error;
  }
}
