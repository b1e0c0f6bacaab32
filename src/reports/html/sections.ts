import type { CampaignNumbers } from "../analytics.ts";
import type { AgentNumbers, ChannelNumbers, TemplateNumbers } from "../breakdowns.ts";
import type { DripNumbers, StepNumbers } from "../drip.ts";
import type { FailureNumbers } from "../failures.ts";
import { type Bar, barsChart } from "./bars-chart.ts";
import { html, type Markup } from "./markup.ts";
import { count, percent, rate, time } from "./numbers.ts";
import { legend, SERIES } from "./overview.ts";
import { type TableColumn, table } from "./table.ts";

export type SectionName =
  | "overview"
  | "campaigns"
  | "variants"
  | "drips"
  | "agents"
  | "channels"
  | "templates"
  | "failures";

/** A chart shows no more than a person compares; the table has the others. */
const MOST_BARS = 12;
const MOST_ROWS = 200;
const RATES = SERIES.slice(1);

export function campaigns(lines: readonly CampaignNumbers[]): Markup {
  const sorted = lines.toSorted((a, b) => b.messagesSent - a.messagesSent);
  if (sorted.length === 0) return nothing("Campaigns", "Nothing was sent in these days.");
  const rows = sorted.slice(0, MOST_BARS).map((line) => ({
    name: line.campaign,
    note: `${count(line.messagesSent)} sent`,
    bars: [
      labelled("delivered", line.deliveryRate),
      labelled("read", line.openRate),
      labelled("replied", line.replyRate),
    ],
  }));
  return html`<section class="long"><h2>Campaigns compared</h2><p class="soft">In percent of sent, the largest first.</p>${legend(RATES)}
${barsChart("campaigns", "Campaigns compared", "Rates of delivered, read and replied for each campaign; the table below has the numbers.", rows)}
${shown("Campaigns", CAMPAIGN_COLUMNS, sorted)}</section>`;
}

export const labelled = (css: string, value: number): Bar => ({
  css,
  share: value / 100,
  label: percent(value),
});

const CAMPAIGN_COLUMNS: TableColumn<CampaignNumbers>[] = [
  { title: "Campaign", cell: ({ campaign }) => campaign },
  { title: "Kind", cell: ({ campaignType }) => (campaignType === "drip" ? "drip" : "broadcast") },
  { title: "Sent", cell: (line) => count(line.messagesSent), isNumber: true },
  { title: "Delivered", cell: (line) => percent(line.deliveryRate), isNumber: true },
  { title: "Read", cell: (line) => percent(line.openRate), isNumber: true },
  { title: "Replied", cell: (line) => percent(line.replyRate), isNumber: true },
  { title: "Failed", cell: (line) => count(line.messagesFailed), isNumber: true },
  { title: "Opt-outs", cell: (line) => count(line.optOuts), isNumber: true },
];

export function drips(lines: readonly DripNumbers[], steps: readonly StepNumbers[]): Markup {
  if (lines.length === 0 && steps.length === 0)
    return nothing("Drips", "Nobody was in a drip in these days.");
  const names = [...new Set(steps.map(({ drip }) => drip))];
  return html`<section class="long"><h2>Drips</h2><p class="soft">Each step by what was sent of it in these days. The table goes by the people who entered in these days, until now.</p>
${names.length > 0 && legend()}
${names.map((name, n) => funnel(`drip-${n}`, name, steps))}
${lines.length > 0 && shown("People who entered drips", DRIP_COLUMNS, lines)}</section>`;
}

function funnel(id: string, drip: string, steps: readonly StepNumbers[]): Markup {
  const own = steps.filter((step) => step.drip === drip);
  const most = Math.max(1, ...own.map(({ messagesSent }) => messagesSent));
  const severalVersions = new Set(own.map(({ version }) => version)).size > 1;
  const rows = own.map((step) => ({
    name: `${severalVersions ? `v${step.version} ` : ""}${step.step} · ${step.says}`,
    note: `${count(step.messagesSent)} sent · ${percent(rate(step.messagesRead, step.messagesSent))} read`,
    bars: [
      { css: "sent", share: step.messagesSent / most },
      { css: "delivered", share: step.messagesDelivered / most },
      { css: "read", share: step.messagesRead / most },
      { css: "replied", share: step.repliesReceived / most },
    ],
  }));
  return html`<h3>${drip}</h3>${barsChart(id, `Funnel of ${drip}`, "Sent, delivered, read and replied of each step; the table below has the numbers.", rows, "nested")}
${table(`Steps of ${drip}`, STEP_COLUMNS, own)}`;
}

const STEP_COLUMNS: TableColumn<StepNumbers>[] = [
  { title: "Step", cell: ({ step, version }) => `${step} (version ${version})` },
  { title: "Sent", cell: (step) => count(step.messagesSent), isNumber: true },
  { title: "Delivered", cell: (step) => count(step.messagesDelivered), isNumber: true },
  { title: "Read", cell: (step) => count(step.messagesRead), isNumber: true },
  { title: "Replied", cell: (step) => count(step.repliesReceived), isNumber: true },
  { title: "Failed", cell: (step) => count(step.messagesFailed), isNumber: true },
];

const DRIP_COLUMNS: TableColumn<DripNumbers>[] = [
  { title: "Drip", cell: ({ drip }) => drip },
  { title: "Entered", cell: (line) => count(line.enrolled), isNumber: true },
  { title: "In it", cell: (line) => count(line.active), isNumber: true },
  {
    title: "Completed",
    cell: (line) => `${count(line.completed)} (${percent(line.completionRate)})`,
    isNumber: true,
  },
  { title: "Dropped", cell: (line) => count(line.dropped), isNumber: true },
  { title: "Opted out", cell: (line) => count(line.optedOut), isNumber: true },
  { title: "Read", cell: (line) => percent(line.openRate), isNumber: true },
  { title: "Replied", cell: (line) => percent(line.replyRate), isNumber: true },
];

export function agents(lines: readonly AgentNumbers[]): Markup {
  if (lines.length === 0) return nothing("Agents", "No agent did anything in these days.", "half");
  const most = Math.max(1, ...lines.map(({ totalConvos }) => totalConvos));
  const rows = lines.slice(0, MOST_BARS).map((line) => ({
    name: line.fullName,
    note: `${count(line.totalConvos)} conversations`,
    bars: [{ css: "plain", share: line.totalConvos / most }],
  }));
  return html`<section class="half"><h2>Agents</h2><p class="soft">By conversations; averages are those of an agent's days.</p>
${barsChart("agents", "Conversations by agent", "How many conversations each agent handled; the table below has the numbers.", rows)}
${shown("Agents", AGENT_COLUMNS, lines)}</section>`;
}

const AGENT_COLUMNS: TableColumn<AgentNumbers>[] = [
  { title: "Agent", cell: ({ fullName }) => fullName },
  { title: "First answer", cell: (line) => time(line.avgResponse), isNumber: true },
  { title: "Resolved", cell: (line) => time(line.avgResolution), isNumber: true },
  { title: "Satisfaction", cell: ({ csat }) => (csat === null ? "–" : csat.toFixed(1)), isNumber: true },
];

export function channels(lines: readonly ChannelNumbers[]): Markup {
  if (lines.length === 0) return nothing("Channels", "No conversation was opened in these days.", "half");
  const most = Math.max(1, ...lines.map(({ conversations }) => conversations));
  const rows = lines.slice(0, MOST_BARS).map((line) => ({
    name: line.source,
    note: percent(line.share),
    bars: [{ css: "plain", share: line.conversations / most }],
  }));
  return html`<section class="half"><h2>Channels</h2><p class="soft">Where conversations come from.</p>
${barsChart("channels", "Conversations by channel", "The share of each channel source; the table below has the numbers.", rows)}
${shown("Channels", CHANNEL_COLUMNS, lines)}</section>`;
}

const CHANNEL_COLUMNS: TableColumn<ChannelNumbers>[] = [
  { title: "Source", cell: ({ source }) => source },
  { title: "Kind", cell: ({ type }) => type.replace("_", " ") },
  { title: "Conversations", cell: (line) => count(line.conversations), isNumber: true },
];

export function templates(lines: readonly TemplateNumbers[]): Markup {
  if (lines.length === 0) return nothing("Templates", "No template was sent in these days.");
  return html`<section class="long"><h2>Templates</h2><p class="soft">Of broadcasts and drips together.</p>
${shown("Templates", TEMPLATE_COLUMNS, lines)}</section>`;
}

const TEMPLATE_COLUMNS: TableColumn<TemplateNumbers>[] = [
  { title: "Template", cell: ({ template, language }) => `${template} (${language})` },
  { title: "Category", cell: ({ category }) => (category ?? "–").toLowerCase() },
  { title: "Sent", cell: (line) => count(line.messagesSent), isNumber: true },
  { title: "Delivered", cell: (line) => percent(line.deliveryRate), isNumber: true },
  { title: "Read", cell: (line) => percent(line.openRate), isNumber: true },
  { title: "Replied", cell: (line) => percent(line.replyRate), isNumber: true },
  { title: "Failed", cell: (line) => count(line.messagesFailed), isNumber: true },
];

export function failures(lines: readonly FailureNumbers[]): Markup {
  if (lines.length === 0) return nothing("Failures", "No message failed in these days.");
  const most = Math.max(1, ...lines.map((line) => line.failures));
  const rows = lines.slice(0, MOST_BARS).map((line) => ({
    name: `${line.errorCode} · ${line.meaning}`,
    note: `${count(line.failures)} (${percent(line.share)})`,
    bars: [{ css: "failed", share: line.failures / most }],
  }));
  return html`<section class="long"><h2>Failures</h2><p class="soft">By what came back, and what to do about it.</p>
${barsChart("failures", "Failures by code", "How many messages failed with each code; the table below says what to do.", rows)}
${shown("Failures", FAILURE_COLUMNS, lines)}</section>`;
}

const FAILURE_COLUMNS: TableColumn<FailureNumbers>[] = [
  { title: "Code", cell: ({ errorCode }) => errorCode },
  { title: "Messages", cell: (line) => count(line.failures), isNumber: true },
  { title: "Meaning", cell: ({ meaning }) => meaning, isProse: true },
  { title: "What to do", cell: ({ whatToDo }) => whatToDo, isProse: true },
];

export function nothing(title: string, why: string, css = ""): Markup {
  return html`<section class="${css}"><h2>${title}</h2><p class="soft">${why}</p></section>`;
}

function shown<Row>(caption: string, columns: readonly TableColumn<Row>[], rows: readonly Row[]): Markup {
  const more = rows.length - MOST_ROWS;
  return html`${table(caption, columns, rows.slice(0, MOST_ROWS))}${
    more > 0 && html`<p class="soft">${count(more)} more are in the CSV of this report.</p>`
  }`;
}
