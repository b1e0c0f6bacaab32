import { findDrip } from "../drips/find.ts";
import { dripNumbers } from "./drip.ts";
import { defineReport } from "./report.ts";

export default defineReport({
  description:
    "The drips by who entered them in these days: what became of the people, and of their messages until now. Days are the\norganization's own; completion is in percent of the people, the other rates in percent of sent.",
  examples: [
    "adsapp report drip --days 30 --format csv",
    'adsapp report drip --since 2026-11-01 --until 2026-11-30 --campaign "Nieuwe Lead Opvolging"',
  ],
  campaign: "only this drip (name or id)",
  by: ["drip"],
  named: async (tx, organizationId, name) => [await findDrip(tx, organizationId, name)],
  read: (tx, { organizationId, window, campaignIds }) => dripNumbers(tx, organizationId, window, campaignIds),
  columns: () => [
    { key: "drip" },
    { key: "enrolled" },
    { key: "active", yields: 5 },
    { key: "completed" },
    { key: "dropped", yields: 6 },
    { key: "optedOut" },
    { key: "messagesSent", title: "Sent" },
    { key: "messagesDelivered", title: "Delivered", yields: 3 },
    { key: "messagesRead", title: "Read", yields: 2 },
    { key: "repliesReceived", title: "Replies", yields: 1 },
    { key: "completionRate", as: "percent" },
    { key: "deliveryRate", as: "percent", yields: 4 },
    { key: "openRate", as: "percent" },
    { key: "replyRate", as: "percent" },
  ],
  empty: ({ since, until }) => `Nobody entered a drip from ${since} to ${until}.`,
  sections: ["drips"],
});
