import { Option } from "commander";
import { defineCommand } from "../cli/command.ts";
import { CAMPAIGN_STATUSES, type CampaignStatus } from "./campaign.ts";
import { lineOf, listColumns } from "./columns.ts";
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
    await context.out.list(campaigns.map(lineOf), listColumns, {
      empty: "No campaigns. Make one: adsapp campaign create -f FILE",
    });
  },
});
