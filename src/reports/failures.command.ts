import type { Column } from "../cli/output/index.ts";
import { type FailureNumbers, type FailuresBy, failureNumbers } from "./failures.ts";
import { defineReport } from "./report.ts";

export default defineReport<FailureNumbers>({
  description:
    "Failed messages of broadcasts and drips by error code, most first: what the code means and what to do about it.\nDays are those on which the messages were sent or refused.",
  examples: [
    "adsapp report failures",
    'adsapp report failures --campaign "Black Friday Sale" --format csv',
    "adsapp report failures --days 7 --by campaign",
  ],
  campaign: "only this broadcast or drip (name or id)",
  by: ["code", "campaign", "day"],
  read: (tx, { organizationId, window, by, campaignIds }) =>
    failureNumbers(tx, organizationId, window, by as FailuresBy, campaignIds),
  columns: (by) =>
    by === "code" ? COLUMNS : [by === "day" ? { key: "date", as: "date" } : { key: "campaign" }, ...COLUMNS],
  bar: "failures",
  empty: ({ since, until }) => `No message failed from ${since} to ${until}.`,
  sections: ["failures"],
});

const COLUMNS: Column<FailureNumbers>[] = [
  { key: "errorCode", title: "Error" },
  { key: "failures", title: "Messages" },
  { key: "share", as: "percent" },
  { key: "meaning", wraps: true },
  { key: "whatToDo", title: "What to do", wraps: true },
];
