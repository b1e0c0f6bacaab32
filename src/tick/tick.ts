import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { expandRuns, wakeCampaigns } from "../campaigns/expand.ts";
import { closeCancelled } from "../campaigns/transitions.ts";
import type { Database, Transaction } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import { completeCampaigns, planHeldDrips, rescueWindows, settleUnknown } from "../sending/rescue.ts";
import type { SendReport } from "../sending/send.ts";
import { type Budget, startBudget } from "./budget.ts";
import text from "./tick.sql";

const sql = namedQueries(text, "dueWork", "dueMore", "dueCount", "startTick", "finishTick", "idleTick");

/** The phases in their order: evidence before decisions (design: sending, one tick). */
export const PHASES = ["inbox", "wake", "enroll", "expand", "rescue", "send", "settle"] as const;
export type Phase = (typeof PHASES)[number];

export interface TickOptions {
  database: Database;
  env: NodeJS.ProcessEnv;
  leaseSeconds: number;
  /** how long this tick may take on work */
  budgetSeconds: number;
  /** only these phases */
  only?: readonly Phase[];
  /** go on until nothing is due now, whatever the budget */
  drain?: boolean;
  organizationId?: string | undefined;
  stopping: AbortSignal;
  aborting: AbortSignal;
  /** the file to which a log sender's messages go */
  logFile: string;
}

/** What a tick did: the shape that scripts rely on (design: the command line). */
export interface TickReport {
  tickId: string;
  startedAt: Date;
  durationMs: number;
  inbox: number;
  campaignsStarted: number;
  enrolled: number;
  jobsCreated: number;
  sent: { bulk: number; drip: number; direct: number };
  retried: number;
  failed: number;
  skipped: number;
  unknown: number;
  deferred: number;
  halted: { sender: string; reason: string }[];
  blocked: { sender: string; reason: string }[];
  due: number;
}

interface DueWork {
  inbox: boolean;
  wake: boolean;
  running: boolean;
  drips: boolean;
  unknownDrips: boolean;
  events: boolean;
  windows: boolean;
  cancelled: boolean;
}

/**
 * Does all that is due, in the order of PHASES, and writes its heartbeat to tick_runs. May overlap with itself on any
 * number of hosts. An idle tick asks one question and ends.
 * @throws what a phase met, after the heartbeat has it too
 */
export async function tick(options: TickOptions): Promise<TickReport> {
  const { database, organizationId } = options;
  const began = performance.now();
  const tickId = randomUUID();
  const { now, due } = await database.transaction(worker, async (tx) => {
    const { now, ...work } = await dueWork(tx, organizationId);
    const idle = !Object.values(work).some(Boolean);
    await tx.run(idle ? sql.idleTick : sql.startTick, [tickId, hostname(), process.pid]);
    return { now, due: idle ? undefined : work };
  });
  const report = emptyReport(tickId, now);
  if (due !== undefined)
    await heartbeat(options, report, () => runPhases(options, report, due, clockFrom(now, began)));
  report.durationMs = Math.round(performance.now() - began);
  return report;
}

async function dueWork(
  tx: Transaction,
  organizationId: string | undefined,
): Promise<DueWork & { now: Date }> {
  const parameters = [organizationId ?? null];
  const work = (await tx.one<Omit<DueWork, "unknownDrips"> & { now: Date }>(
    sql.dueWork,
    parameters,
  )) as DueWork & {
    now: Date;
  };
  if (!work.drips && !work.cancelled) return { ...work, unknownDrips: false };
  return { ...work, ...(await tx.one<Partial<DueWork>>(sql.dueMore, parameters)) };
}

async function runPhases(
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
    if (wants("wake")) report.campaignsStarted += (await wakeCampaigns(database, organizationId)).started;
    if (wants("enroll") && due.events)
      report.enrolled += await enroll(options, () => !budget.stopping.aborted);
    if (wants("expand"))
      report.jobsCreated += (
        await expandRuns(database, { organizationId, goOn: () => !budget.stopping.aborted })
      ).jobs;
    if (wants("rescue")) report.unknown += await rescueWindows(database, organizationId);
    if (wants("rescue")) report.retried += await settleUnknown(database, organizationId);
    if (wants("rescue") && due.unknownDrips) await planHeldDrips(database, organizationId);
    if (wants("send")) await send(options, report, budget, now, wants("inbox"));
    if (wants("settle")) await settle(options, due);
    report.due =
      (
        await database.transaction(worker, (tx) =>
          tx.one<{ due: number }>(sql.dueCount, [organizationId ?? null]),
        )
      )?.due ?? 0;
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
  const beside = withInbox ? inboxBeside(options.database) : undefined;
  try {
    add(report, await sendDue({ ...options, stopping: budget.stopping, now }));
  } finally {
    report.inbox += (await beside?.end()) ?? 0;
  }
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
}

function add(report: TickReport, sent: SendReport): void {
  report.sent.bulk += sent.bulk;
  report.sent.drip += sent.drip;
  for (const key of ["retried", "failed", "skipped", "unknown", "deferred"] as const)
    report[key] += sent[key];
  report.halted.push(...sent.halted);
  report.blocked.push(...sent.blocked);
  if (sent.faults.length > 0) throw sent.faults[0];
}

async function heartbeat(options: TickOptions, report: TickReport, work: () => Promise<void>): Promise<void> {
  const finish = (error: string | null) => {
    const { tickId, startedAt: _startedAt, durationMs: _durationMs, ...counts } = report;
    return options.database.transaction(worker, (tx) =>
      tx.run(sql.finishTick, [tickId, JSON.stringify(counts), error]),
    );
  };
  try {
    await work();
  } catch (error) {
    await finish(String((error as Error).message).slice(0, 500)).catch(() => {});
    throw error;
  }
  await finish(null);
}

/** The database's clock, read once and carried on by this process's monotonic timer. */
function clockFrom(start: Date, began: number): () => Date {
  return () => new Date(start.getTime() + performance.now() - began);
}

function emptyReport(tickId: string, startedAt: Date): TickReport {
  return {
    tickId,
    startedAt,
    durationMs: 0,
    inbox: 0,
    campaignsStarted: 0,
    enrolled: 0,
    jobsCreated: 0,
    sent: { bulk: 0, drip: 0, direct: 0 },
    retried: 0,
    failed: 0,
    skipped: 0,
    unknown: 0,
    deferred: 0,
    halted: [],
    blocked: [],
    due: 0,
  };
}
