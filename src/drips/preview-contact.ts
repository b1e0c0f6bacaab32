import { findContact } from "../contacts/find.ts";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { compileMessage, type FrozenDefinition, type Recipient } from "../templates/message.ts";
import type { MessageDefinition } from "../templates/message-schema.ts";
import text from "./preview.sql";
import { activeCopy, type Rehearsal, readSubject, rehearse, type Source } from "./preview.ts";

const sql = namedQueries(text, "enter", "enrollmentOf", "nextStep", "closeSent", "closeSkipped", "leave");

/** What would happen to one contact, from its entry (or from where it stands) to the end. */
export interface Timetable {
  drip: string;
  contact: string;
  /** why the contact could not enter now; null: it would, or it is in the drip already */
  refused: string | null;
  steps: TimetableStep[];
  /** how it ends: completed, dropped, opted_out; active or paused for who waits for something else than time. Null when refused */
  end: string | null;
  exitReason: string | null;
  endsAt: Date | null;
  warnings: string[];
}

export interface TimetableStep {
  step: number;
  at: Date;
  /** "2 days, at 10:00" */
  delay: string;
  outcome: "sent" | "skipped" | "leaves";
  reason: string | null;
  /** as the contact would read it */
  text: string | null;
}

/** Who is skipped for these reasons has no place in the drip any more (sending/claim.ts). */
const LEAVES = new Set(["exited", "opted_out", "suppressed", "blocked", "erased", "no_address"]);

/** Hours that stay closed would put a message off for ever. */
const MOST_DEFERRALS = 40;

/**
 * The exact timetable of a contact: the drip's copy is played, the clock set from one due time to the next.
 * @param at when the contact enters (now)
 * @throws UserError (4) for a drip or contact that does not exist
 */
export async function previewContact(
  { database, identity, organization }: Rehearsal,
  source: Source,
  contact: string,
  at?: Date,
): Promise<Timetable> {
  const { subject, contactId, now } = await database.transaction(identity, async (tx) => ({
    subject: await readSubject(tx, organization.id, source),
    contactId: await findContact(tx, organization, contact),
    now: (await tx.one<{ now: Date }>("select date_trunc('milliseconds', adsapp_now()) as now"))?.now as Date,
  }));
  const from = at ?? now;
  const names = { drip: subject.name, organization: organization.name };
  const played = await rehearse(database, async (tx) => {
    const copy = await activeCopy(tx, organization.id, subject, { contactId, at: from });
    const refused = await enter(tx, organization.id, copy, contactId, from);
    const found = await enrollmentOf(tx, copy, contactId);
    if (found === undefined || (refused !== null && found.endedAt !== null)) return { refused, steps: [] };
    const steps = await play(tx, found.id, from, names);
    return {
      refused,
      steps,
      inSince: refused === null ? null : found.enrolledAt,
      end: await enrollmentOf(tx, copy, contactId),
    };
  });
  const { refused, steps, inSince = null, end } = played;
  return {
    drip: subject.name,
    contact,
    refused: end === undefined ? refused : null,
    steps,
    end: end?.status ?? null,
    exitReason: end?.exitReason ?? null,
    endsAt: end?.endedAt ?? null,
    warnings: [...subject.warnings, ...(inSince === null ? [] : [inIt(inSince)])],
  };
}

const inIt = (since: Date) =>
  `the contact is in it since ${since.toISOString()}: these are the steps to come`;

interface Enrollment {
  id: string;
  status: string;
  exitReason: string | null;
  endedAt: Date | null;
  enrolledAt: Date;
}

/** @returns why it cannot enter; null when it did */
async function enter(
  tx: Transaction,
  organizationId: string,
  copy: string,
  contactId: string,
  at: Date,
): Promise<string | null> {
  const parameters = [organizationId, copy, [contactId], at];
  const [row] = await tx.query<{ reason: string | null }>(sql.enter, parameters);
  return row?.reason ?? null;
}

function enrollmentOf(tx: Transaction, copy: string, contactId: string): Promise<Enrollment | undefined> {
  return tx.one<Enrollment>(sql.enrollmentOf, [copy, contactId]);
}

type WaitingStep = Recipient & {
  id: string;
  at: Date;
  /** `at` to the microsecond */
  moment: string;
  step: number;
  delayType: string;
  delayValue: number;
  sendAt: string | null;
  reason: string | null;
  /** when hours let it out; null: they do */
  later: string | null;
  message: MessageDefinition;
  template: FrozenDefinition["template"];
};

interface Names {
  drip: string;
  organization: string;
}

/** A step for each that waits, until none does: one contact's steps come one after another, and so do their queries. */
async function play(
  tx: Transaction,
  enrollmentId: string,
  from: Date,
  names: Names,
): Promise<TimetableStep[]> {
  const steps: TimetableStep[] = [];
  let earliest: Date | string = from;
  let deferrals = 0;
  for (;;) {
    const waiting: WaitingStep | undefined = await tx.one<WaitingStep>(sql.nextStep, [
      enrollmentId,
      earliest,
    ]);
    if (waiting === undefined) return steps;
    if (waiting.reason === null && waiting.later !== null) {
      if (++deferrals > MOST_DEFERRALS) return steps;
      earliest = waiting.later;
      continue;
    }
    deferrals = 0;
    const step = await outcomeOf(waiting, names);
    await close(tx, enrollmentId, waiting, step);
    steps.push(step);
    if (step.outcome === "leaves") return steps;
    earliest = waiting.moment;
  }
}

async function outcomeOf(waiting: WaitingStep, names: Names): Promise<TimetableStep> {
  const { step, at, reason } = waiting;
  const row = { step, at, delay: delayOf(waiting) };
  if (reason !== null)
    return { ...row, outcome: LEAVES.has(reason) ? "leaves" : "skipped", reason, text: null };
  const { message, template } = waiting;
  const compiled = await compileMessage(
    { name: names.drip, message, template },
    { organizationName: names.organization },
  );
  const rendered = compiled.render(waiting);
  return "missing" in rendered
    ? { ...row, outcome: "skipped", reason: `missing_variable: ${rendered.missing}`, text: null }
    : { ...row, outcome: "sent", reason: null, text: rendered.text };
}

/** As the sending does it: the message of whoever leaves ends with the enrollment. */
async function close(
  tx: Transaction,
  enrollmentId: string,
  { id, moment }: WaitingStep,
  { outcome, reason }: TimetableStep,
): Promise<void> {
  if (outcome === "sent") await tx.query(sql.closeSent, [enrollmentId, moment]);
  else if (outcome === "leaves") await tx.run(sql.leave, [enrollmentId, moment, reason]);
  else await tx.run(sql.closeSkipped, [id, moment, reason]);
}

function delayOf({ delayType, delayValue, sendAt }: WaitingStep): string {
  const delay = delayValue === 0 ? "at once" : `${delayValue} ${delayType}`;
  return sendAt === null ? delay : `${delay}, at ${sendAt}`;
}
