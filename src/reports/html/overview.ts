import { type DayTotals, totalOf } from "../analytics.ts";
import { daysOf, type Window } from "../window.ts";
import { type ChartColumn, columnsChart, type Series } from "./columns-chart.ts";
import { html, type Markup } from "./markup.ts";
import { count, percent, rate } from "./numbers.ts";
import { type TableColumn, table } from "./table.ts";

export const SERIES: readonly Series[] = [
  { name: "Sent", css: "sent" },
  { name: "Delivered", css: "delivered" },
  { name: "Read", css: "read" },
  { name: "Replied", css: "replied" },
];

/** What the colours mean. */
export function legend(series: readonly Series[] = SERIES): Markup {
  return html`<ul class="legend" aria-hidden="true">${series.map(
    ({ name, css }) =>
      html`<li><svg viewBox="0 0 10 10"><rect class="${css}" width="10" height="10" rx="2"/></svg>${name}</li>`,
  )}</ul>`;
}

/** The totals, and how they came about over time. */
export function overview(days: readonly DayTotals[], window: Window): Markup {
  const total = totalOf(days);
  const tile = (css: string, value: string, name: string, note: string | null) =>
    html`<li class="is-${css}"><b>${value}</b>${name}${note !== null && html` <span class="soft">${note}</span>`}</li>`;
  const tiles = html`<ul class="tiles">
${tile("sent", count(total.messagesSent), "sent", null)}
${tile("delivered", percent(total.deliveryRate), "delivered", count(total.messagesDelivered))}
${tile("read", percent(total.openRate), "read", count(total.messagesRead))}
${tile("replied", percent(total.replyRate), "replied", count(total.repliesReceived))}
${tile("failed", count(total.messagesFailed), "failed", null)}
${tile("failed", count(total.optOuts), "opt-outs", percent(rate(total.optOuts, total.messagesSent)))}
</ul>`;
  if (days.length === 0)
    return html`<section><h2>Overview</h2><p class="soft">Nothing was sent in these days.</p></section>`;
  const { unit, columns } = columnsOf(days, window);
  const title = `Sent, delivered, read and replied by ${unit}`;
  const description = `From ${window.since} to ${window.until}: ${count(total.messagesSent)} sent, ${count(total.messagesDelivered)} delivered, ${count(total.messagesRead)} read, ${count(total.repliesReceived)} replied. The table below has every day.`;
  return html`<section><h2>Overview</h2><p class="soft">What came of a message counts on the day on which it was sent.</p>
${tiles}${legend()}${columnsChart("over-time", title, description, SERIES, columns)}
<details><summary>The days as a table</summary>${table("Messages by day", DAY_COLUMNS, days)}</details></section>`;
}

const DAY_COLUMNS: TableColumn<DayTotals>[] = [
  { title: "Day", cell: ({ date }) => date },
  { title: "Sent", cell: (day) => count(day.messagesSent), isNumber: true },
  { title: "Delivered", cell: (day) => count(day.messagesDelivered), isNumber: true },
  { title: "Read", cell: (day) => count(day.messagesRead), isNumber: true },
  { title: "Replied", cell: (day) => count(day.repliesReceived), isNumber: true },
  { title: "Failed", cell: (day) => count(day.messagesFailed), isNumber: true },
  { title: "Opt-outs", cell: (day) => count(day.optOuts), isNumber: true },
];

const MOST_COLUMNS = 62;

/** A column a day; where they would be too thin to see, a week or a month. Days without messages have their place too. */
export function columnsOf(
  totals: readonly DayTotals[],
  window: Window,
): { unit: "day" | "week" | "month"; columns: ChartColumn[] } {
  const days = daysOf(window);
  const unit = days.length <= MOST_COLUMNS ? "day" : days.length <= 7 * MOST_COLUMNS ? "week" : "month";
  const byDay = new Map(totals.map((total) => [total.date, total]));
  const runs = new Map<string, string[]>();
  for (const [n, day] of days.entries()) {
    const key = unit === "day" ? day : unit === "week" ? String(Math.floor(n / 7)) : day.slice(0, 7);
    runs.set(key, [...(runs.get(key) ?? []), day]);
  }
  const columns = [...runs.values()].map((run) => {
    const total = totalOf(run.flatMap((day) => byDay.get(day) ?? []));
    const [first = "", last = first] = [run[0], run.at(-1)];
    return {
      label: unit === "month" ? first.slice(0, 7) : dayLabel(first),
      title: first === last ? first : `${first} to ${last}`,
      values: [total.messagesSent, total.messagesDelivered, total.messagesRead, total.repliesReceived],
    };
  });
  return { unit, columns };
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** `2026-11-07` -> `7 Nov` */
export function dayLabel(day: string): string {
  return `${Number(day.slice(8))} ${MONTHS[Number(day.slice(5, 7)) - 1]}`;
}
