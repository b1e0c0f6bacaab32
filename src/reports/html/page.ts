import type { Transaction } from "../../db/database.ts";
import { namedQueries } from "../../db/queries.ts";
import { analyticsByCampaign, totalsByDay } from "../analytics.ts";
import { agentNumbers, channelNumbers, templateNumbers } from "../breakdowns.ts";
import { dripNumbers, stepNumbers } from "../drip.ts";
import { failureNumbers } from "../failures.ts";
import type { Asked } from "../report.ts";
import text from "../reports.sql";
import { variantNumbersOf } from "../variants.ts";
import { html, type Markup } from "./markup.ts";
import { dayLabel, overview } from "./overview.ts";
import { agents, campaigns, channels, drips, failures, type SectionName, templates } from "./sections.ts";
import { STYLE } from "./style.ts";
import { variants } from "./variants.ts";

const sql = namedQueries(text, "madeAt");

/**
 * Reports as one file of HTML: its style and charts are in it, it has no script, and it forbids itself to fetch
 * anything. As operator. Of agents, channels and templates nobody counts by campaign: with one they are left out,
 * and its variants are in where it has some.
 * @returns the whole document
 */
export async function pageOf(
  tx: Transaction,
  asked: Asked,
  names: readonly SectionName[],
  about: { organization: string; campaign: string | undefined },
): Promise<string> {
  const sections: Markup[] = [];
  for (const name of names) {
    if (!(asked.campaignIds === null ? OF_ALL : OF_CAMPAIGNS).has(name)) continue;
    const section = await SECTIONS[name](tx, asked);
    if (section !== undefined) sections.push(section);
  }
  const made = await tx.one<{ madeAt: string; timezone: string }>(sql.madeAt, [asked.organizationId]);
  return documentOf({
    ...about,
    asked,
    sections,
    madeAt: made?.madeAt ?? "",
    timezone: made?.timezone ?? "",
  });
}

const OF_CAMPAIGNS: ReadonlySet<SectionName> = new Set([
  "overview",
  "campaigns",
  "variants",
  "drips",
  "failures",
]);
/** Variants are read from a campaign's own messages: a page of everything reads days alone. */
const OF_ALL: ReadonlySet<SectionName> = new Set([
  "overview",
  "campaigns",
  "drips",
  "agents",
  "channels",
  "templates",
  "failures",
]);

const SECTIONS: Record<SectionName, (tx: Transaction, asked: Asked) => Promise<Markup | undefined>> = {
  overview: async (tx, { organizationId, window, campaignIds }) =>
    overview(await totalsByDay(tx, organizationId, window, campaignIds), window),
  campaigns: async (tx, { organizationId, window, campaignIds }) =>
    campaigns(await analyticsByCampaign(tx, organizationId, window, campaignIds)),
  variants: async (tx, { organizationId, campaignIds }) =>
    variants(await variantNumbersOf(tx, organizationId, campaignIds ?? [])),
  drips: async (tx, { organizationId, window, campaignIds }) => {
    const lines = await dripNumbers(tx, organizationId, window, campaignIds);
    return drips(lines, await stepNumbers(tx, organizationId, window, campaignIds));
  },
  agents: async (tx, { organizationId, window }) => agents(await agentNumbers(tx, organizationId, window)),
  channels: async (tx, { organizationId, window }) =>
    channels(await channelNumbers(tx, organizationId, window)),
  templates: async (tx, { organizationId, window }) =>
    templates(await templateNumbers(tx, organizationId, window)),
  failures: async (tx, { organizationId, window, campaignIds }) =>
    failures(await failureNumbers(tx, organizationId, window, "code", campaignIds)),
};

interface Page {
  organization: string;
  campaign: string | undefined;
  asked: Asked;
  sections: readonly Markup[];
  madeAt: string;
  timezone: string;
}

function documentOf({ organization, campaign, asked, sections, madeAt, timezone }: Page): string {
  const { since, until } = asked.window;
  const days = `${dayLabel(since)} ${since.slice(0, 4)} to ${dayLabel(until)} ${until.slice(0, 4)}`;
  const title = campaign === undefined ? organization : `${campaign} · ${organization}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}: WhatsApp report, ${days}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header><h1>${title}</h1><p class="soft">WhatsApp report, ${days}. Days are those of ${timezone}.</p></header>
<div class="page">
${sections}
</div>
<footer class="soft">Made by adsapp on ${madeAt}.</footer>
</main>
</body>
</html>
`.text;
}
