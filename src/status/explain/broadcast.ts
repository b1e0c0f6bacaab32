import { withRunToBe } from "../../campaigns/expand.ts";
import { standingOf } from "../../campaigns/preview-audience.ts";
import { withCanaries, withLate } from "../../campaigns/wake.ts";
import type { Database, Transaction } from "../../db/database.ts";
import { namedQueries } from "../../db/queries.ts";
import type { ListedJob } from "../../jobs/find.ts";
import { lastOutcomes } from "../../sending/lane.ts";
import { lookStatement } from "../../sending/statements.ts";
import text from "./broadcast.sql";
import {
  type BroadcastFacts,
  campaignGate,
  canaryGate,
  holdoutGate,
  hourlyGate,
  latenessGate,
  sendBeforeGate,
  type Weighed,
} from "./broadcast-gates.ts";
import { type Gate, pass, stop } from "./gate.ts";
import { breakerGate, messagingLimitGate, organizationGate, pairGate, senderGate } from "./lane-gates.ts";
import { messageGate, nextAttemptGate } from "./message-gates.ts";
import { capGate, consentGate, contactGate, hoursGate, variablesGate, windowGate } from "./person-gates.ts";
import { bindingOf, type Judged, type Subject } from "./subject.ts";

const sql = namedQueries(text, "broadcastFacts", "weighBroadcast", "countryClosed");
const FACTS = lookStatement(withLate(withCanaries(sql.broadcastFacts)));
const WEIGH = lookStatement(withRunToBe(sql.weighBroadcast));

/** Every gate of one person's message of a broadcast, in the order in which a tick comes to them. As worker. */
export async function broadcastGates(
  database: Database,
  tx: Transaction,
  subject: Subject,
  messages: readonly ListedJob[],
): Promise<Judged> {
  const parameters = [subject.organizationId, subject.campaignId, subject.contactId];
  const facts = (await tx.one<BroadcastFacts>(FACTS, parameters)) as BroadcastFacts;
  const message = messages.find(({ id }) => id === facts.messageId);
  const before = [campaignGate(facts), organizationGate(facts), await audienceGate(tx, subject, facts)];
  const weighed = facts.senderId === null ? undefined : await weigh(database, tx, subject, facts);
  if (weighed === undefined) return { message, gates: [...before, messageGate(message), senderGate(facts)] };
  const gates = [
    ...before,
    latenessGate(facts),
    sendBeforeGate(weighed),
    messageGate(message),
    nextAttemptGate(message, facts.now, weighed.localAt),
    contactGate(weighed),
    consentGate(weighed),
    holdoutGate(weighed),
    windowGate(weighed),
    capGate(weighed),
    hoursGate(weighed),
    await variablesGate(weighed.definition, facts.organizationName, weighed, weighed.variant),
    await countryGate(tx, subject, weighed),
    senderGate(facts),
    canaryGate(facts, weighed),
    hourlyGate(weighed),
    messagingLimitGate(weighed, facts),
    pairGate(weighed),
    breakerGate(await lastOutcomes(database, "b", subject.campaignId, facts.now)),
  ];
  return { message, gates };
}

async function weigh(
  database: Database,
  tx: Transaction,
  { campaignId, contactId }: Subject,
  facts: BroadcastFacts,
): Promise<Weighed | undefined> {
  const { laneId, isUncounted, limits } = await bindingOf(database, tx, facts);
  const weighed = await tx.one<Weighed>(WEIGH, [laneId, campaignId, contactId, facts.occurrence, ...limits]);
  return weighed === undefined ? undefined : { ...weighed, isUncounted };
}

async function audienceGate(tx: Transaction, subject: Subject, facts: BroadcastFacts): Promise<Gate> {
  const gate = "audience";
  const { audienceAt, expandedAt, contactCreatedAt, audience, messageId } = facts;
  if (messageId !== null) return pass(gate, "the person is in it, since it was written out");
  if (audienceAt !== null && contactCreatedAt > audienceAt)
    return stop(gate, `became a contact ${contactCreatedAt.toISOString()}, after the audience was frozen`);
  const standing = await standingOf(tx, subject.organizationId, audience, subject.contactId);
  const { lacks = [], excluded = null, isMerged = false } = standing ?? {};
  if (isMerged) return stop(gate, "another contact has become this one's");
  if (lacks.length > 0) return stop(gate, `it asks for ${lacks.join(" and for ")}`);
  if (excluded !== null) return stop(gate, `it excludes the person: ${excluded}`);
  return expandedAt === null
    ? pass(gate, "the person belongs to it; it is not written out yet")
    : stop(gate, "the person belongs to it now, and did not when it was written out");
}

async function countryGate(tx: Transaction, subject: Subject, { phone }: Weighed): Promise<Gate> {
  const parameters = [subject.organizationId, subject.campaignId, phone];
  const found = await tx.one<{ isClosed: boolean }>(sql.countryClosed, parameters);
  return pass(
    "country",
    found?.isClosed === true ? "Meta refused others there; it is tried" : "Meta refused nobody there",
  );
}
