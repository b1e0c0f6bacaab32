import { type Column, type Output, sparkline } from "../cli/output/index.ts";
import { analyticsByCampaign, analyticsByDay, type DayNumbers, type Numbers, totalOf } from "./analytics.ts";
import { type Asked, defineReport } from "./report.ts";
import { daysOf } from "./window.ts";

export default defineReport<DayNumbers>({
  description:
    "What was sent and what came of it, a line for each day and campaign. Days are the organization's own; delivered, read, replies\nand opt-outs count on the day on which the message was sent; rates are in percent of sent. --by campaign adds up the days.\nAs HTML: all reports in one page, with charts, that needs no network.",
  examples: [
    "adsapp report analytics --days 30 --format csv",
    'adsapp report analytics --week --campaign "Black Friday Sale"',
    "adsapp report analytics --since 2026-11-01 --until 2026-11-30 --by campaign",
    "adsapp report analytics --format html --output report.html",
  ],
  campaign: "only this broadcast or drip (name or id)",
  by: ["day", "campaign"],
  read: async (tx, { organizationId, window, by, campaignIds }) => {
    const read = by === "campaign" ? analyticsByCampaign : analyticsByDay;
    return (await read(tx, organizationId, window, campaignIds)) as DayNumbers[];
  },
  columns: (by) => (by === "campaign" ? COLUMNS.filter(({ key }) => key !== "date") : COLUMNS),
  above: (lines, asked, out) => (asked.by === "day" ? overTime(lines, asked, out) : undefined),
  total: totalLine,
  empty: ({ since, until }) => `Nothing was sent from ${since} to ${until}.`,
  sections: ["overview", "campaigns", "variants", "drips", "agents", "channels", "templates", "failures"],
});

const COLUMNS: Column<DayNumbers>[] = [
  { key: "date", as: "date" },
  { key: "campaignType", table: false },
  { key: "campaign" },
  { key: "messagesSent", title: "Sent" },
  { key: "messagesDelivered", title: "Delivered", yields: 3 },
  { key: "messagesRead", title: "Read", yields: 2 },
  { key: "messagesFailed", title: "Failed", yields: 5 },
  { key: "repliesReceived", title: "Replies", yields: 1 },
  { key: "optOuts", title: "Opt-outs", yields: 4 },
  { key: "deliveryRate", as: "percent" },
  { key: "openRate", as: "percent" },
  { key: "replyRate", as: "percent" },
];

const DRAWN = [
  ["Sent", "messagesSent"],
  ["Read", "messagesRead"],
  ["Replies", "repliesReceived"],
] as const;
const TITLES = 10;

/** The days as sparklines, where there are enough of them to make one. */
function overTime(lines: readonly DayNumbers[], { window }: Asked, out: Output): string | undefined {
  const days = daysOf(window);
  if (days.length < 3) return undefined;
  const cells = Math.min(62, Math.max(10, (out.width ?? 80) - TITLES));
  const on = (day: string, key: keyof Numbers) =>
    lines.reduce((sum, line) => (line.date === day ? sum + line[key] : sum), 0);
  const drawn = DRAWN.map(([title, key]) => {
    const line = sparkline(
      days.map((day) => on(day, key)),
      cells,
    );
    return `${title.padEnd(TITLES)}${line}`.trimEnd();
  });
  return [`${" ".repeat(TITLES)}${window.since} to ${window.until}`, ...drawn].join("\n");
}

/** For people only: data formats hold nothing that a sum over their rows would count twice. */
function totalLine(lines: readonly Numbers[], by: string): DayNumbers {
  const title = "Total";
  return {
    ...totalOf(lines),
    campaignType: "bulk",
    date: by === "day" ? title : "",
    campaign: by === "day" ? "" : title,
  };
}
