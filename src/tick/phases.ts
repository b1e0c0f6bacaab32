import { expandRuns } from "../campaigns/expand.ts";
import { closeCancelled } from "../campaigns/transitions.ts";
import { wakeCampaigns } from "../campaigns/wake.ts";
import { worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import {
  completeCampaigns,
  planHeldDrips,
  rescueDirect,
  rescueWindows,
  settleUnknown,
} from "../sending/rescue.ts";
import type { SendReport } from "../sending/send.ts";
import { type Budget, startBudget } from "./budget.ts";
import type { DueWork } from "./due.ts";
import type { TickReport } from "./report.ts";
import text from "./tick.sql";
import type { TickOptions } from "./tick.ts";

const sql = namedQueries(text, "dueCount");

/** The phases in their order: evidence before decisions (design: sending, one tick). */
export const PHASES = ["inbox", "wake", "enroll", "expand", "rescue", "send", "settle"] as const;
export type Phase = (typeof PHASES)[number];

/** Does what is due, phase by phase, and adds it to the report. */
export async function runPhases(
  options: TickOptions,
  report: TickReport,
  due: DueWork,
  now: () => Date,
): Promise<void> {
  const { database, organizationId } = options;
  const wants = (phase: Phase) => options.only === undefined || options.only.includes(phase);
  const budget = startBudget(options.drain === true ? undefined : options.budgetSeconds, options.stopping);
  try {
    if (wants("inbox")) report.inbox += await inbox(options);
    if (wants("wake")) await wake(options, report);
    if (wants("enroll") && due.events)
      report.enrolled += await enroll(options, () => !budget.stopping.aborted);
    if (wants("expand")) report.jobsCreated += await expand(options, () => !budget.stopping.aborted);
    if (wants("rescue")) report.unknown += await rescueWindows(database, organizationId);
    if (wants("rescue") && due.direct) report.unknown += await rescueDirect(database, organizationId);
    if (wants("rescue")) report.retried += await settleUnknown(database, organizationId);
    if (wants("rescue") && due.unknownDrips) await planHeldDrips(database, organizationId);
    if (wants("send")) await send(options, report, budget, now, wants("inbox"));
    if (wants("settle")) await settle(options, due);
    report.due = await dueNow(options);
  } finally {
    budget.end();
  }
}

/** Statuses, replies and opt-outs go on being applied while messages go out: a stored STOP counts within seconds. */
async function send(
  options: TickOptions,
  report: TickReport,
  budget: Budget,
  now: () => Date,
  withInbox: boolean,
): Promise<void> {
  const { sendDue } = await import("../sending/send.ts");
  const { inboxBeside } = await import("./inbox-beside.ts");
  const { telling } = options;
  telling?.begin("sending", await dueNow(options)); // counted where somebody looks
  const beside = withInbox ? inboxBeside(options.database) : undefined;
  const onSent = telling && (() => telling.done(1));
  try {
    add(report, await sendDue({ ...options, stopping: budget.stopping, now, onSent }));
  } finally {
    report.inbox += (await beside?.end()) ?? 0;
  }
}

async function expand(
  { database, organizationId, telling }: TickOptions,
  goOn: () => boolean,
): Promise<number> {
  telling?.begin("writing out audiences");
  const onChunk = telling && ((jobs: number) => telling.done(jobs));
  return (await expandRuns(database, { organizationId, goOn, onChunk })).jobs;
}

async function dueNow({ database, organizationId }: TickOptions): Promise<number> {
  const count = await database.transaction(worker, (tx) =>
    tx.one<{ due: number }>(sql.dueCount, [organizationId ?? null]),
  );
  return count?.due ?? 0;
}

async function wake({ database, organizationId }: TickOptions, report: TickReport): Promise<void> {
  const { started, expired } = await wakeCampaigns(database, organizationId);
  report.campaignsStarted += started;
  report.skipped += expired;
}

async function inbox(options: TickOptions): Promise<number> {
  const { applyInbox } = await import("../webhooks/inbox.ts");
  return applyInbox(options.database);
}

async function enroll(options: TickOptions, goOn: () => boolean): Promise<number> {
  const { processEvents } = await import("../events/process.ts");
  return (await processEvents(options.database, options.organizationId, goOn)).enrolled;
}

async function settle(options: TickOptions, due: DueWork): Promise<void> {
  if (due.cancelled) await closeCancelled(options.database, options.organizationId);
  await completeCampaigns(options.database, options.organizationId);
  const { settleAgentDays } = await import("../conversations/agent-days.ts");
  await settleAgentDays(options.database, options.organizationId);
}

function add(report: TickReport, sent: SendReport): void {
  report.sent.bulk += sent.bulk;
  report.sent.drip += sent.drip;
  report.sent.direct += sent.direct;
  for (const key of ["retried", "failed", "skipped", "unknown", "deferred"] as const)
    report[key] += sent[key];
  report.halted.push(...sent.halted);
  report.blocked.push(...sent.blocked);
  if (sent.faults.length > 0) throw sent.faults[0];
}
