import { join } from "node:path";
import { InvalidArgumentError, Option } from "commander";
import { defineCommand } from "../cli/command.ts";
import { ExitCode } from "../errors.ts";
import { PHASES, type Phase, tick } from "./tick.ts";

interface Options {
  budget: number;
  only?: Phase[];
  drain?: boolean;
}

export default defineCommand<[], Options>({
  description:
    "Does all that is due, for every organization (or the one of --org): applies webhooks, starts scheduled campaigns, writes out\naudiences, sends. Made for cron, each minute, on any number of hosts; prints nothing unless something is wrong.",
  examples: [
    "* * * * * adsapp tick   # in crontab; adsapp crontab prints the whole line",
    "adsapp tick --format json",
    "adsapp tick --drain --only send",
  ],
  writes: true,
  scope: "all",
  declare(command) {
    command
      .option("--budget <seconds>", "take on work for so long", seconds, 55)
      .addOption(new Option("--only <phase...>", "only these phases, in their order").choices(PHASES))
      .option("--drain", "go on until nothing is due now, whatever the budget");
  },
  async run(context, options) {
    const report = await tick({
      database: await context.database(),
      env: context.env,
      leaseSeconds: context.config.laneLeaseSeconds,
      budgetSeconds: options.budget,
      ...(options.only === undefined ? {} : { only: options.only }),
      drain: options.drain === true,
      organizationId: context.organizationGiven ? (await context.organization()).id : undefined,
      stopping: context.stopping,
      aborting: context.aborting,
      logFile: join(context.config.home, "messages.ndjson"),
    });
    for (const { sender, reason } of report.halted)
      context.out.warn(`sender "${sender}" is halted: ${reason}`);
    for (const { sender, reason } of report.blocked)
      context.out.detail(`sender "${sender}" cannot send from this host: ${reason}`);
    if (context.out.format !== "table") await context.out.record(report, COLUMNS);
    else context.out.detail(summary(report.sent.bulk + report.sent.drip, report.durationMs));
    return report.halted.length > 0 ? ExitCode.Partial : ExitCode.Done;
  },
});

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

function seconds(text: string): number {
  const value = Number(text.replace(/s$/, ""));
  if (!(value > 0 && value <= 3600)) throw new InvalidArgumentError("It must be from 1 to 3600 seconds.");
  return value;
}
