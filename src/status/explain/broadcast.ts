import type { TargetAudience } from "../../audience/audience.ts";
import { withRunToBe } from "../../campaigns/expand.ts";
import { standingOf } from "../../campaigns/preview-audience.ts";
import { withCanaries, withLate } from "../../campaigns/wake.ts";
import type { Database, Transaction } from "../../db/database.ts";
import { namedQueries } from "../../db/queries.ts";
import type { ListedJob } from "../../jobs/find.ts";
import { breakerWords } from "../../sending/breaker.ts";
import { lastOutcomes } from "../../sending/lane.ts";
import { limitsOf } from "../../sending/limits.ts";
import { lookStatement } from "../../sending/statements.ts";
import type { FrozenDefinition } from "../../templates/message.ts";
import text from "./broadcast.sql";
import { type Gate, pass, stop, wait } from "./gate.ts";
import {
  type LaneFacts,
  type LimitFacts,
  messagingLimitGate,
  organizationGate,
  pairGate,
  senderGate,
} from "./lane-gates.ts";
import { messageGate, nextAttemptGate } from "./message-gates.ts";
import {
  capGate,
  consentGate,
  contactGate,
  hoursGate,
  type PersonFacts,
  variablesGate,
  windowGate,
} from "./person-gates.ts";
import { borrowedBy, type Judged, type Subject } from "./subject.ts";

const sql = namedQueries(text, "broadcastFacts", "weighBroadcast", "countryClosed");
const FACTS = lookStatement(withLate(withCanaries(sql.broadcastFacts)));
const WEIGH = lookStatement(withRunToBe(sql.weighBroadcast));

interface BroadcastFacts extends LaneFacts {
  campaignId: string;
  campaign: string;
  campaignStatus: "draft" | "scheduled" | "running" | "paused" | "completed" | "cancelled";
  scheduledAt: Date | null;
  pauseReason: string | null;
  completedAt: Date | null;
  cancelledAt: Date | null;
  isLate: boolean;
  maxLateness: string;
  /** of the run, as text; null: there is none yet */
  occurrence: string | null;
  expandedAt: Date | null;
  audienceAt: Date | null;
  audience: TargetAudience;
  judgedAt: Date | null;
  canaryVerdict: "good" | "bad" | null;
  contactCreatedAt: Date;
  messageId: string | null;
}

interface Weighed extends PersonFacts, LimitFacts {
  isNew: boolean;
  sendBefore: Date | null;
  perHour: number | null;
  /** attempts that messagesPerHour allows now */
  hourly: number | null;
  turnAt: Date | null;
  canaryLeft: number | null;
  definition: FrozenDefinition;
  isHeldOut: boolean;
  localAt: Date | null;
  variant: string | null;
}

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
    breakerGate(await lastOutcomes(database, subject.campaignId, facts.now)),
  ];
  return { message, gates };
}

async function weigh(
  database: Database,
  tx: Transaction,
  { campaignId, contactId }: Subject,
  facts: BroadcastFacts,
): Promise<Weighed | undefined> {
  const lane = { id: facts.senderId as string, provider: facts.provider };
  const { isCapped, portfolioId, isUncounted } = await limitsOf(tx, lane);
  const { contacts, seconds } = await borrowedBy(database, lane, facts.now);
  const limits = [isCapped, portfolioId, contacts, seconds];
  const weighed = await tx.one<Weighed>(WEIGH, [lane.id, campaignId, contactId, facts.occurrence, ...limits]);
  return weighed === undefined ? undefined : { ...weighed, isUncounted };
}

function campaignGate(facts: BroadcastFacts): Gate {
  const { campaign, campaignStatus, scheduledAt, now, pauseReason } = facts;
  const gate = "campaign";
  switch (campaignStatus) {
    case "draft":
      return wait(gate, `is a draft (adsapp campaign start "${campaign}")`);
    case "scheduled":
      return scheduledAt !== null && scheduledAt <= now
        ? pass(gate, "starts with the next tick")
        : wait(gate, "is scheduled", scheduledAt);
    case "paused":
      return wait(gate, `is paused: ${pauseReason} (adsapp campaign resume "${campaign}")`);
    case "running":
      return pass(gate, "is running");
    default:
      return stop(
        gate,
        `is ${campaignStatus} since ${(facts.completedAt ?? facts.cancelledAt)?.toISOString()}`,
      );
  }
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

function latenessGate({ isLate, maxLateness }: BroadcastFacts): Gate {
  return isLate
    ? wait("lateness", `later than maxLateness (${maxLateness}): the next tick pauses the campaign`)
    : pass("lateness", `not later than maxLateness (${maxLateness})`);
}

function sendBeforeGate({ sendBefore, now }: Weighed): Gate {
  if (sendBefore === null) return pass("send_before", "the campaign has none");
  return sendBefore <= now
    ? stop("send_before", `its time was over ${sendBefore.toISOString()}`)
    : pass("send_before", "in time", sendBefore);
}

function holdoutGate({ isHeldOut }: Weighed): Gate {
  return isHeldOut ? stop("holdout", "will be kept out to measure lift") : pass("holdout", "is not kept out");
}

function canaryGate({ judgedAt, canaryVerdict, now }: BroadcastFacts, { canaryLeft, isNew }: Weighed): Gate {
  const gate = "canary";
  if (canaryLeft === null) return pass(gate, "the campaign has none, or it went well");
  if (!isNew) return pass(gate, "binds first attempts only");
  if (canaryLeft > 0) return pass(gate, `${canaryLeft} of it are still to go out`);
  if (canaryVerdict === "good") return pass(gate, "went well: the next tick lets the rest go");
  if (canaryVerdict === "bad") return wait(gate, "went badly: the next tick pauses the campaign");
  const until = judgedAt !== null && judgedAt > now ? judgedAt : null;
  return wait(gate, "it is out; the rest waits for how it fares", until);
}

function hourlyGate({ perHour, hourly, ahead, turnAt }: Weighed): Gate {
  const gate = "hourly_limit";
  if (perHour === null || hourly === null) return pass(gate, `no messagesPerHour; ${ahead} go before it`);
  return ahead >= hourly
    ? wait(gate, `${perHour} an hour at most, and ${ahead} go before it`, turnAt)
    : pass(gate, `${perHour} an hour at most, and ${hourly} may go now; ${ahead} go before it`);
}

async function countryGate(tx: Transaction, subject: Subject, { phone }: Weighed): Promise<Gate> {
  const parameters = [subject.organizationId, subject.campaignId, phone];
  const found = await tx.one<{ isClosed: boolean }>(sql.countryClosed, parameters);
  return pass(
    "country",
    found?.isClosed === true ? "Meta refused others there; it is tried" : "Meta refused nobody there",
  );
}

function breakerGate(errorCodes: readonly (string | null)[]): Gate {
  return pass("breaker", breakerWords(errorCodes));
}
