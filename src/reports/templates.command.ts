import type { Column } from "../cli/output/index.ts";
import { type TemplateNumbers, templateNumbers } from "./breakdowns.ts";
import { defineReport } from "./report.ts";

export default defineReport<TemplateNumbers>({
  description:
    "Which templates went out in these days, of broadcasts and drips together, most sent first. Rates are in percent of sent.",
  examples: ["adsapp report templates", "adsapp report templates --days 90 --by day --format csv"],
  by: ["template", "day"],
  read: (tx, { organizationId, window, by }) => templateNumbers(tx, organizationId, window, by === "day"),
  columns: (by) => (by === "day" ? [{ key: "date", as: "date" }, ...COLUMNS] : COLUMNS),
  bar: "messagesSent",
  empty: ({ since, until }) => `No template was sent from ${since} to ${until}.`,
  sections: ["templates"],
});

const COLUMNS: Column<TemplateNumbers>[] = [
  { key: "template" },
  { key: "language" },
  { key: "category", yields: 4 },
  { key: "messagesSent", title: "Sent" },
  { key: "messagesDelivered", title: "Delivered", yields: 3 },
  { key: "messagesRead", title: "Read", yields: 2 },
  { key: "messagesFailed", title: "Failed" },
  { key: "repliesReceived", title: "Replies", yields: 1 },
  { key: "deliveryRate", as: "percent" },
  { key: "openRate", as: "percent" },
  { key: "replyRate", as: "percent" },
];
