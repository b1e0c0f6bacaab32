import { InvalidArgumentError } from "commander";
import { defineCommand } from "../cli/command.ts";
import { lastTicks } from "./ticks.ts";

export default defineCommand<[], { limit: number }>({
  description:
    "The ticks that ran, the newest first, on all hosts and for all organizations: when, how long, what they did, what went wrong, and\nhow many minutes before each had none (cron that did not run).",
  examples: ["adsapp ticks", "adsapp ticks --limit 1440 --format csv"],
  scope: "all",
  declare(command) {
    command.option("--limit <n>", "how many", count, 60);
  },
  async run(context, { limit }) {
    const ticks = await context.worker((tx) => lastTicks(tx, limit));
    await context.out.list(
      ticks,
      [
        { key: "startedAt", title: "Began", as: "time" },
        { key: "host" },
        { key: "pid", as: "text" },
        { key: "seconds" },
        { key: "missedMinutes", title: "Minutes without one" },
        { key: "inbox" },
        { key: "sent" },
        { key: "failed" },
        { key: "error" },
      ],
      { empty: "No tick has run yet: adsapp crontab prints the line for cron." },
    );
  },
});

function count(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a number from 1 to 99999.");
}
