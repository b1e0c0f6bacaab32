import type { Database, Transaction } from "../../db/database.ts";
import { namedQueries } from "../../db/queries.ts";
import { type AnyTrigger, entryWords } from "../../definitions/triggers.ts";
import { rehearse } from "../../drips/preview.ts";
import type { ListedJob } from "../../jobs/find.ts";
import dripText from "../../sending/claim-drips.sql";
import { lastOutcomes } from "../../sending/lane.ts";
import { lookStatement } from "../../sending/statements.ts";
import type { FrozenDefinition } from "../../templates/message.ts";
import text from "./drip.sql";
import { type Gate, pass, stop, wait } from "./gate.ts";
import {
  breakerGate,
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
import { bindingOf, type Judged, type Subject } from "./subject.ts";

const sql = {
  ...namedQueries(text, "dripFacts", "weighDrip", "mayEnter"),
  ...namedQueries(dripText, "stepDefinitions"),
};
const WEIGH = lookStatement(sql.weighDrip);

interface DripFacts extends LaneFacts {
  campaign: string;
  campaignStatus: "draft" | "active" | "paused" | "archived";
  pauseReason: string | null;
  trigger: AnyTrigger;
  /** of the last entry; null: the contact was never in it */
  enrollmentId: string | null;
  enrollmentStatus: "active" | "completed" | "paused" | "dropped" | "opted_out" | null;
  exitReason: string | null;
  enrolledAt: Date | null;
  endedAt: Date | null;
  currentStepOrder: number | null;
  messageId: string | null;
  stepId: string | null;
}

interface Weighed extends PersonFacts, LimitFacts {
  stepOrder: number;
  conditions: object | null;
}

/** Every gate of one person's next message of a drip, in the order in which a tick comes to them. As worker. */
export async function dripGates(
  database: Database,
  tx: Transaction,
  subject: Subject,
  messages: readonly ListedJob[],
): Promise<Judged> {
  const parameters = [subject.organizationId, subject.campaignId, subject.contactId];
  const facts = (await tx.one<DripFacts>(sql.dripFacts, parameters)) as DripFacts;
  const message = messages.find(({ id }) => id === facts.messageId);
  const refused = isIn(facts) ? null : await refusal(database, subject);
  const before = [dripGate(facts), organizationGate(facts), enrollmentGate(facts, refused)];
  const weighed =
    facts.senderId === null || message === undefined ? undefined : await weigh(database, tx, subject, facts);
  if (weighed === undefined) return { message, gates: [...before, senderGate(facts)] };
  const gates = [
    ...before,
    messageGate(message),
    nextAttemptGate(message, facts.now),
    contactGate(weighed),
    consentGate(weighed),
    windowGate(weighed),
    exitGate(weighed),
    conditionGate(weighed),
    capGate(weighed),
    hoursGate(weighed),
    await stepGate(tx, facts, weighed),
    senderGate(facts),
    messagingLimitGate(weighed, facts),
    pairGate(weighed),
    breakerGate(await lastOutcomes(database, "d", subject.campaignId, facts.now)),
  ];
  return { message, gates };
}

function isIn({ enrollmentStatus }: DripFacts): boolean {
  return enrollmentStatus === "active" || enrollmentStatus === "paused";
}

/** Why the contact could not enter now; null: it could. By the function that enters people, taken back. */
async function refusal(database: Database, { organizationId, campaignId, contactId }: Subject) {
  const [row] = await rehearse(database, (tx) =>
    tx.query<{ reason: string | null }>(sql.mayEnter, [organizationId, campaignId, contactId]),
  );
  return row?.reason ?? null;
}

async function weigh(
  database: Database,
  tx: Transaction,
  { campaignId, contactId }: Subject,
  facts: DripFacts,
): Promise<Weighed | undefined> {
  const { laneId, isUncounted, limits } = await bindingOf(database, tx, facts);
  const weighed = await tx.one<Weighed>(WEIGH, [laneId, campaignId, facts.messageId, contactId, ...limits]);
  return weighed === undefined ? undefined : { ...weighed, isUncounted };
}

function dripGate({ campaign, campaignStatus, pauseReason }: DripFacts): Gate {
  const gate = "campaign";
  switch (campaignStatus) {
    case "active":
      return pass(gate, "is active");
    case "draft":
      return wait(gate, `is a draft (adsapp drip activate "${campaign}")`);
    case "paused":
      return wait(gate, `is paused: ${pauseReason ?? "by a person"} (adsapp drip activate "${campaign}")`);
    case "archived":
      return stop(gate, "is archived");
  }
}

function enrollmentGate(facts: DripFacts, refused: string | null): Gate {
  const gate = "enrollment";
  const { enrollmentStatus, enrolledAt, endedAt, exitReason } = facts;
  if (enrollmentStatus === "active") return pass(gate, `is in it since ${enrolledAt?.toISOString()}`);
  if (enrollmentStatus === "paused") return wait(gate, "is in it, and paused");
  const again =
    refused === null || refused === "not_active" ? entryWords(facts.trigger) : `it may not enter: ${refused}`;
  if (enrollmentStatus === null) return stop(gate, `was never in it; ${again}`);
  const why = exitReason === null ? "" : ` (${exitReason})`;
  return stop(gate, `${enrollmentStatus}${why} ${endedAt?.toISOString()}; ${again}`);
}

function exitGate({ reason }: Weighed): Gate {
  return reason === "exited"
    ? stop("exit", "meets exitWhen, and leaves")
    : pass("exit", "does not meet exitWhen");
}

function conditionGate({ reason, conditions }: Weighed): Gate {
  const gate = "condition";
  if (conditions === null) return pass(gate, "the step has none");
  return reason === "condition_not_met"
    ? stop(gate, `this step is left out: it asks for ${JSON.stringify(conditions)}`)
    : pass(gate, "is met");
}

async function stepGate(
  tx: Transaction,
  { stepId, organizationName }: DripFacts,
  person: Weighed,
): Promise<Gate> {
  const [step] = await tx.query<{ definition: FrozenDefinition }>(sql.stepDefinitions, [[stepId]]);
  return step === undefined
    ? pass("variables", "the step is gone")
    : variablesGate(step.definition, organizationName, person);
}
