import { findContact } from "../contacts/find.ts";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { ExitCode, notAllowed, UserError } from "../errors.ts";
import { writeDown } from "../organizations/audit-log.ts";
import type { Organization } from "../organizations/organization.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import { compileMessage } from "../templates/message.ts";
import { recipientOf } from "../templates/preview.ts";
import type { BroadcastDefinition } from "./definition.ts";
import { findCampaign } from "./find.ts";
import { findingsOf } from "./findings.ts";
import { isMarketing } from "./reach.ts";
import { definitionOf } from "./stored.ts";
import text from "./test.sql";

const sql = namedQueries(text, "testerOf", "queueDirect");

type Within = <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>;

/** A test that waits to be sent. */
export interface CampaignTest {
  /** of the message */
  id: string;
  campaign: string;
  sender: string;
  to: string | null;
  /** what the tester will read */
  text: string;
  status: "pending";
  warnings: string[];
}

interface Tester {
  phone: string | null;
  senderId: string;
  sender: string;
  gate: string | null;
  inWindow: boolean;
}

/**
 * Queues one rendered message of a campaign, in whatever state it is, for a tester: beside the campaign, counted nowhere.
 * @param given.to who gets it, a contact; `given.contact` whose values it is filled in with (the tester's own unless given)
 * @throws UserError (4) for an unknown campaign or contact, (1) for a message that could not be sent to them, (5) for viewers
 */
export async function testCampaign(
  asOperator: Within,
  asWorker: Within,
  organization: Organization,
  given: { campaign: string; to: string; contact?: string | undefined },
): Promise<CampaignTest> {
  const prepared = await asOperator((tx) => prepare(tx, organization, given));
  const queued = await asWorker((tx) => queue(tx, organization.id, prepared));
  if (queued === undefined) throw notAllowed(`${given.to} has just said that they want no more messages`);
  const { name, tester, text, warnings } = prepared;
  return {
    id: queued.id,
    campaign: name,
    sender: tester.sender,
    to: tester.phone,
    text,
    status: "pending",
    warnings,
  };
}

type Prepared = Awaited<ReturnType<typeof prepare>>;

/** Undefined: they have left meanwhile. */
async function queue(tx: Transaction, organizationId: string, prepared: Prepared) {
  const { campaignId, askedBy, contactId, tester, payload, text, marketing } = prepared;
  const queued = await tx.one<{ id: string }>(sql.queueDirect, [
    organizationId,
    contactId,
    tester.senderId,
    payload.type,
    text,
    JSON.stringify(payload),
    marketing,
  ]);
  if (queued !== undefined)
    await writeDown(tx, {
      organizationId,
      actor: askedBy,
      action: "test",
      subject: "bulk_campaigns",
      subjectId: campaignId,
      details: { message_id: queued.id },
    });
  return queued;
}

async function prepare(
  tx: Transaction,
  organization: Organization,
  given: { campaign: string; to: string; contact?: string | undefined },
) {
  await refuseViewer(tx);
  const campaign = await findCampaign(tx, organization.id, given.campaign);
  const definition = definitionOf(campaign);
  const { name, message } = definition;
  const findings = await findingsOf(tx, organization.id, forAnybodyNow(definition));
  if (findings.errors.length > 0)
    throw notAllowed(`a test of campaign "${name}" cannot be sent:\n${findings.errors.join("\n")}`);
  const contactId = await testerId(tx, organization, given.to);
  const marketing = isMarketing(definition, findings);
  const tester = (await tx.one<Tester>(sql.testerOf, [
    organization.id,
    contactId,
    marketing,
    definition.sender ?? null,
  ])) as Tester;
  refuseTester(tester, message.type === "template");
  const reader = given.contact === undefined ? contactId : await findContact(tx, organization, given.contact);
  const compiled = await compileMessage(
    { name, message, template: findings.template },
    { organizationName: organization.name },
  );
  const rendered = compiled.render(await recipientOf(tx, organization.id, reader));
  if ("missing" in rendered)
    throw notAllowed(
      `contact ${given.contact ?? given.to} has no ${rendered.missing}`,
      "--contact fills it in with another one.",
    );
  const { payload, text } = rendered;
  const asker = await tx.one<{ id: string }>("select auth.uid() as id");
  const whose = { campaignId: campaign.id, askedBy: asker?.id ?? null };
  return { ...whose, name, contactId, tester, marketing, payload, text, warnings: findings.warnings };
}

/** Its message and its sender are what a test is about, not its audience and its time. */
function forAnybodyNow(definition: BroadcastDefinition): BroadcastDefinition {
  return { ...definition, targetAudience: { type: "all" }, scheduling: { type: "immediate" } };
}

/** Nobody is made a contact by a slip of the finger. */
async function testerId(tx: Transaction, organization: Organization, to: string): Promise<string> {
  return findContact(tx, organization, to).catch((error: unknown) => {
    if (!(error instanceof UserError) || error.exitCode !== ExitCode.NotFound) throw error;
    throw new UserError(error.message, {
      hint: "Testers are contacts: import a file with their phone (adsapp contact import FILE).",
      exitCode: ExitCode.NotFound,
    });
  });
}

function refuseTester({ phone, gate, inWindow }: Tester, isTemplate: boolean): void {
  if (gate !== null) throw notAllowed(`${phone ?? "the tester"} may not be messaged: ${gate}`);
  if (isTemplate || inWindow) return;
  throw notAllowed(
    `${phone ?? "the tester"} has not written in the last 24 hours: only a template reaches them`,
    "Have them send a message to the number first.",
  );
}
