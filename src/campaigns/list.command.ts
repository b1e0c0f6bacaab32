import { Option } from "commander";
import { defineCommand } from "../cli/command.ts";
import { CAMPAIGN_STATUSES, type CampaignStatus } from "./campaign.ts";
import { lineOf, listColumns, withHeld } from "./columns.ts";
import { listCampaigns } from "./find.ts";

export default defineCommand<[], { status?: CampaignStatus }>({
  description: "The organization's broadcasts with their counts, newest first.",
  examples: ["adsapp campaign list", "adsapp campaign list --status running --format json"],
  declare(command) {
    command.addOption(new Option("--status <status>", "only those").choices(CAMPAIGN_STATUSES));
  },
  async run(context, options) {
    const { id } = await context.organization();
    const campaigns = await context.operator((tx) => listCampaigns(tx, id, options.status));
    const isTable = context.out.format === "table";
    const lines = campaigns
      .map(lineOf)
      .map((line) => (isTable ? { ...line, status: withHeld(line.status, line.held) } : line));
    await context.out.list(lines, listColumns, {
      empty: "No campaigns. Make one: adsapp campaign create -f FILE",
    });
  },
});
