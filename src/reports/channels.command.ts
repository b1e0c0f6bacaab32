import type { Column } from "../cli/output/index.ts";
import { type ChannelNumbers, channelNumbers } from "./breakdowns.ts";
import { defineReport } from "./report.ts";

export default defineReport<ChannelNumbers>({
  description:
    "Where conversations come from: how many each channel source opened in these days, most first, with its share of all of them.",
  examples: ["adsapp report channels", "adsapp report channels --week --by day --format csv"],
  by: ["source", "day"],
  read: (tx, { organizationId, window, by }) => channelNumbers(tx, organizationId, window, by === "day"),
  columns: (by) => (by === "day" ? [{ key: "date", as: "date" }, ...COLUMNS] : COLUMNS),
  bar: "conversations",
  empty: ({ since, until }) => `No conversation was opened from ${since} to ${until}.`,
  sections: ["channels"],
});

const COLUMNS: Column<ChannelNumbers>[] = [
  { key: "source" },
  { key: "type" },
  { key: "code" },
  { key: "conversations" },
  { key: "share", as: "percent" },
];
