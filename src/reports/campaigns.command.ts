import { InvalidArgumentError } from "commander";
import { defineCommand } from "../cli/command.ts";
import { topCampaigns } from "./analytics.ts";
import { declareWindow, type WindowOptions, windowOf } from "./window.ts";

interface Options extends WindowOptions {
  limit: number;
}

export default defineCommand<[], Options>({
  description:
    "The broadcasts that did best: those with messages in these days, best reply rate first. Rates are in percent of sent.",
  examples: ["adsapp report campaigns", "adsapp report campaigns --days 90 --limit 3 --format json"],
  declare(command) {
    declareWindow(command);
    command.option("--limit <n>", "how many", howMany, 10);
  },
  async run(context, options) {
    const { id } = await context.organization();
    const { window, top } = await context.operator(async (tx) => {
      const window = await windowOf(tx, id, options);
      return { window, top: await topCampaigns(tx, id, window, options.limit) };
    });
    await context.out.list(
      top,
      [
        { key: "name", title: "Campaign" },
        { key: "messagesSent", title: "Sent" },
        { key: "deliveryRate", as: "percent" },
        { key: "replyRate", as: "percent" },
      ],
      { empty: `Nothing was sent from ${window.since} to ${window.until}.` },
    );
  },
});

function howMany(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
    throw new InvalidArgumentError("It must be a whole number from 1 to 10000.");
  return limit;
}
