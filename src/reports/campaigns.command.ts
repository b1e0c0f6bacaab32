import { findCampaign } from "../campaigns/find.ts";
import { topCampaigns } from "./analytics.ts";
import { defineReport } from "./report.ts";

export default defineReport({
  description:
    "The broadcasts that did best: those with messages in these days, best reply rate first. Rates are in percent of sent.",
  examples: ["adsapp report campaigns", "adsapp report campaigns --days 90 --limit 3 --format json"],
  campaign: "only this one (name or id)",
  by: ["campaign"],
  named: async (tx, organizationId, name) => [await findCampaign(tx, organizationId, name)],
  limit: 10,
  read: (tx, { organizationId, window, limit, campaignIds }) =>
    topCampaigns(tx, organizationId, window, limit, campaignIds),
  columns: () => [
    { key: "name", title: "Campaign" },
    { key: "messagesSent", title: "Sent" },
    { key: "deliveryRate", as: "percent" },
    { key: "replyRate", as: "percent" },
  ],
  bar: "replyRate",
  empty: ({ since, until }) => `Nothing was sent from ${since} to ${until}.`,
  sections: ["overview", "campaigns", "variants"],
});
