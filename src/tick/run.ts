import { join } from "node:path";
import { isatty } from "node:tty";
import type { Context } from "../cli/context.ts";
import { ExitCode, UserError } from "../errors.ts";
import type { Phase } from "./phases.ts";
import { type Telling, tick } from "./tick.ts";

export interface TickFlags {
  /** seconds */
  budget?: number;
  only?: Phase[];
  drain?: boolean;
  dryRun?: boolean;
}

/** seconds: a tick ends before cron starts the next one */
export const BUDGET = 55;

/**
 * `adsapp tick`: all that is due, then what went wrong on stderr and the report in the format that was asked for.
 * @returns 3 when this tick halted a lane
 */
export async function runTick(context: Context, flags: TickFlags = {}): Promise<ExitCode> {
  if (flags.dryRun === true) return tellDryRun(context, flags);
  const told = await tellingOf(context, flags);
  const report = await tick({
    database: await context.database(),
    env: context.env,
    leaseSeconds: context.config.laneLeaseSeconds,
    concurrency: context.config.concurrency,
    budgetSeconds: flags.budget ?? BUDGET,
    ...(flags.only === undefined ? {} : { only: flags.only }),
    drain: flags.drain === true,
    organizationId: context.organizationGiven ? (await context.organization()).id : undefined,
    stopping: context.stopping,
    aborting: context.aborting,
    logFile: join(context.config.home, "messages.ndjson"),
    telling: told,
  }).finally(() => told?.end());
  for (const { sender, reason } of report.halted) context.out.warn(`sender "${sender}" is halted: ${reason}`);
  for (const { sender, reason } of report.blocked)
    context.out.detail(`sender "${sender}" cannot send from this host: ${reason}`);
  if (context.out.format !== "table") await context.out.record(report, COLUMNS);
  else context.out.detail(summary(report.sent.bulk + report.sent.drip, report.durationMs));
  return report.halted.length > 0 ? ExitCode.Partial : ExitCode.Done;
}

async function tellDryRun(context: Context, { budget, only, drain }: TickFlags): Promise<ExitCode> {
  if (only !== undefined || drain === true)
    throw new UserError("--dry-run tells of a whole tick: it goes with neither --only nor --drain");
  const { out } = context;
  const { dryRun } = await import("./dry-run.ts");
  const { dryLineColumns, drySheetOf, dryRunColumns } = await import("./dry-run-columns.ts");
  const organizationId = context.organizationGiven ? (await context.organization()).id : undefined;
  const told = await dryRun(await context.database(), organizationId, budget ?? BUDGET);
  if (out.format === "json") await out.record(told, dryRunColumns);
  else await out.list(told.lines.map(drySheetOf), dryLineColumns, { empty: "Nothing would be sent." });
  const { inbox, events, unknown } = told;
  if (inbox + events + unknown > 0)
    out.say(
      `Before that: ${inbox} webhook bodies, ${events} events, ${unknown} unknown outcomes to look at.`,
    );
  return ExitCode.Done;
}

/** To whoever looks on, or has asked for all of it. Cron is told nothing: it would mail that each minute. */
async function tellingOf(
  { out }: Context,
  { drain }: TickFlags,
): Promise<(Telling & { end(): void }) | undefined> {
  if (out.quiet || !(isatty(2) || drain === true || out.verbose)) return undefined; // asking process.stderr would make it
  const { createProgress } = await import("../cli/progress.ts");
  let progress: ReturnType<typeof createProgress> | undefined;
  return {
    begin(title, total) {
      progress?.done();
      progress = createProgress({
        stderr: process.stderr,
        quiet: false,
        title,
        ...(total === undefined ? {} : { total }),
      });
    },
    done: (count) => progress?.advance(count),
    end: () => progress?.done(),
  };
}

const COLUMNS = [
  "tickId",
  "startedAt",
  "durationMs",
  "inbox",
  "campaignsStarted",
  "enrolled",
  "jobsCreated",
  "sent",
  "retried",
  "failed",
  "skipped",
  "unknown",
  "deferred",
  "halted",
  "blocked",
  "due",
].map((key) => ({ key }) as { key: "tickId" });

function summary(sent: number, milliseconds: number): string {
  return `sent ${sent} in ${(milliseconds / 1000).toFixed(1)} s`;
}
