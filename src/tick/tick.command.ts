import { InvalidArgumentError, Option } from "commander";
import { defineCommand } from "../cli/command.ts";
import { PHASES } from "./phases.ts";
import { BUDGET, runTick, type TickFlags } from "./run.ts";

export default defineCommand<[], TickFlags>({
  description:
    "Does all that is due, for every organization (or the one of --org): applies webhooks, starts scheduled campaigns, writes out\naudiences, sends. Made for cron, each minute, on any number of hosts; prints nothing unless something is wrong.\n--dry-run tells, for each broadcast and drip, how many messages are due, how many it would send at once, and why others are skipped\nor wait; it writes and sends nothing.",
  examples: [
    "* * * * * adsapp tick   # in crontab; adsapp crontab prints the whole line",
    "adsapp tick --format json",
    "adsapp tick --drain --only send",
    "adsapp tick --dry-run",
  ],
  writes: ({ dryRun }) => dryRun !== true,
  scope: "all",
  declare(command) {
    command
      .option("--budget <seconds>", "take on work for so long", seconds, BUDGET)
      .addOption(new Option("--only <phase...>", "only these phases, in their order").choices(PHASES))
      .option("--drain", "go on until nothing is due now, whatever the budget")
      .option("--dry-run", "tell what it would do, and do nothing");
  },
  run: runTick,
});

function seconds(text: string): number {
  const value = Number(text.replace(/s$/, ""));
  if (!(value > 0 && value <= 3600)) throw new InvalidArgumentError("It must be from 1 to 3600 seconds.");
  return value;
}
