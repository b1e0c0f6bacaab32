import { Option } from "commander";
import { findCampaign } from "../campaigns/find.ts";
import { defineCommand } from "../cli/command.ts";
import type { Column } from "../cli/output/index.ts";
import { analyticsByCampaign, analyticsByDay, type DayNumbers, type Numbers, totalOf } from "./analytics.ts";
import { declareWindow, type WindowOptions, windowOf } from "./window.ts";

interface Options extends WindowOptions {
  campaign?: string;
  by: "day" | "campaign";
}

export default defineCommand<[], Options>({
  description:
    "What was sent and what came of it, a line for each day and campaign. Days are the organization's own; delivered, read, replies\nand opt-outs count on the day on which the message was sent; rates are in percent of sent. --by campaign adds up the days.",
  examples: [
    "adsapp report analytics --days 30 --format csv",
    'adsapp report analytics --week --campaign "Black Friday Sale"',
    "adsapp report analytics --since 2026-11-01 --until 2026-11-30 --by campaign",
  ],
  declare(command) {
    declareWindow(command);
    command
      .option("--campaign <name>", "only this campaign (name or id)")
      .addOption(
        new Option("--by <unit>", "a line for each day and campaign, or for each campaign")
          .choices(["day", "campaign"])
          .default("day"),
      );
  },
  async run(context, options) {
    const { id } = await context.organization();
    const { lines, window } = await context.operator(async (tx) => {
      const window = await windowOf(tx, id, options);
      const campaignId =
        options.campaign === undefined ? undefined : (await findCampaign(tx, id, options.campaign)).id;
      const read = options.by === "campaign" ? analyticsByCampaign : analyticsByDay;
      return { window, lines: (await read(tx, id, window, campaignId)) as DayNumbers[] };
    });
    const columns = options.by === "campaign" ? COLUMNS.filter(({ key }) => key !== "date") : COLUMNS;
    const shown =
      context.out.format === "table" && lines.length > 1 ? [...lines, totalLine(lines, options.by)] : lines;
    await context.out.list(shown, columns, {
      empty: `Nothing was sent from ${window.since} to ${window.until}.`,
    });
  },
});

const COLUMNS: Column<DayNumbers>[] = [
  { key: "date" },
  { key: "campaignType", table: false },
  { key: "campaign" },
  { key: "messagesSent", title: "Sent" },
  { key: "messagesDelivered", title: "Delivered" },
  { key: "messagesRead", title: "Read" },
  { key: "messagesFailed", title: "Failed" },
  { key: "repliesReceived", title: "Replies" },
  { key: "optOuts", title: "Opt-outs" },
  { key: "deliveryRate", as: "percent" },
  { key: "openRate", as: "percent" },
  { key: "replyRate", as: "percent" },
];

/** For people only: data formats hold nothing that a sum over their rows would count twice. */
function totalLine(lines: readonly Numbers[], by: Options["by"]): DayNumbers {
  const title = "Total";
  return {
    ...totalOf(lines),
    campaignType: "bulk",
    date: by === "day" ? title : "",
    campaign: by === "day" ? "" : title,
  };
}
