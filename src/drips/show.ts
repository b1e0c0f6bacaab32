import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import type { Drip, DripStatistics } from "./drip.ts";
import { findDrip } from "./find.ts";
import text from "./show.sql";

const sql = namedQueries(text, "countPeople", "countSteps", "countReasons");

export interface DripDetails extends Drip {
  /** people by what became of them; a status that nobody has is left out */
  byStatus: Record<string, number>;
  /** people who left, by why */
  exitReasons: Record<string, number>;
  funnel: FunnelStep[];
}

/** What became of a step's messages; a message counts in each column that it has reached. */
export interface FunnelStep {
  version: number;
  step: number;
  delay: string;
  says: string;
  /** planned, or being dispatched */
  waiting: number;
  /** nobody knows yet whether it went out */
  unknown: number;
  sent: number;
  delivered: number;
  read: number;
  replied: number;
  failed: number;
  skipped: number;
  /** people who left the drip at this step */
  dropped: number;
  reasons: {
    failed: Record<string, number>;
    skipped: Record<string, number>;
    dropped: Record<string, number>;
  };
}

type Counted = Omit<FunnelStep, "delay" | "reasons"> & {
  delayType: string;
  delayValue: number;
  sendAt: string | null;
};

interface Reason {
  version: number;
  step: number;
  what: keyof FunnelStep["reasons"];
  reason: string;
  count: number;
}

/** A drip with its people and messages counted. As operator. @throws UserError (4) with near names */
export async function showDrip(
  tx: Transaction,
  organizationId: string,
  nameOrId: string,
): Promise<DripDetails> {
  const drip = await findDrip(tx, organizationId, nameOrId);
  const parameters = [organizationId, drip.id];
  const people = await tx.query<{ status: string; reason: string | null; count: number }>(
    sql.countPeople,
    parameters,
  );
  const steps = await tx.query<Counted>(sql.countSteps, parameters);
  const reasons = await tx.query<Reason>(sql.countReasons, parameters);
  const byStatus: Record<string, number> = {};
  const exitReasons: Record<string, number> = {};
  for (const { status, reason, count } of people) {
    byStatus[status] = (byStatus[status] ?? 0) + count;
    if (reason !== null) exitReasons[reason] = (exitReasons[reason] ?? 0) + count;
  }
  const funnel = steps.map((step) => funnelStep(step, reasons));
  return { ...drip, statistics: inOrder(drip.statistics), byStatus, exitReasons, funnel };
}

function funnelStep(counted: Counted, reasons: readonly Reason[]): FunnelStep {
  const { delayType, delayValue, sendAt, ...step } = counted;
  const of = (what: Reason["what"]) =>
    Object.fromEntries(
      reasons
        .filter((row) => row.version === step.version && row.step === step.step && row.what === what)
        .map(({ reason, count }) => [reason, count]),
    );
  const delay = delayValue === 0 ? "at once" : `${delayValue} ${delayType}`;
  return {
    ...step,
    delay: sendAt === null ? delay : `${delay}, at ${sendAt}`,
    reasons: { failed: of("failed"), skipped: of("skipped"), dropped: of("dropped") },
  };
}

/** As people read them; jsonb orders its keys by their length. */
function inOrder(s: DripStatistics): DripStatistics {
  return {
    totalEnrolled: s.totalEnrolled,
    active: s.active,
    completed: s.completed,
    dropped: s.dropped,
    optedOut: s.optedOut,
    messagesSent: s.messagesSent,
    messagesDelivered: s.messagesDelivered,
    messagesRead: s.messagesRead,
    messagesFailed: s.messagesFailed,
    messagesSkipped: s.messagesSkipped,
    repliesReceived: s.repliesReceived,
    optOuts: s.optOuts,
    completionRate: s.completionRate,
    deliveryRate: s.deliveryRate,
    openRate: s.openRate,
    replyRate: s.replyRate,
  };
}
