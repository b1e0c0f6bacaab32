import type { Transaction } from "../../db/database.ts";
import { analyticsByCampaign, totalsByDay } from "../analytics.ts";
import { agentNumbers, channelNumbers, templateNumbers } from "../breakdowns.ts";
import type { Named } from "../campaigns-named.ts";
import { dripNumbers, stepNumbers } from "../drip.ts";
import { failureNumbers } from "../failures.ts";
import type { Asked } from "../report.ts";
import { variantNumbers } from "../variants.ts";
import type { Window } from "../window.ts";
import { documentOf } from "./document.ts";
import type { Markup } from "./markup.ts";
import { dayLabel, overview } from "./overview.ts";
import { agents, campaigns, channels, drips, failures, type SectionName, templates } from "./sections.ts";
import { variants, variantsAlone } from "./variants.ts";

/**
 * Reports of some days as a page. As operator. Of agents, channels and templates nobody counts by campaign: with one
 * they are left out, and its variants are in where it has some.
 * @param organization its name
 * @returns the whole document
 */
export async function pageOf(
  tx: Transaction,
  asked: Asked,
  names: readonly SectionName[],
  organization: string,
): Promise<string> {
  const sections: Markup[] = [];
  for (const name of names) {
    if (!(asked.campaignIds === null ? OF_ALL : OF_CAMPAIGNS).has(name)) continue;
    const section = await SECTIONS[name](tx, asked, names);
    if (section !== undefined) sections.push(section);
  }
  const { organizationId, campaign, window } = asked;
  return documentOf(tx, organizationId, { organization, campaign, scope: inWords(window), sections });
}

/** The arms of one broadcast as a page of their own: of all its messages until now, so no days. As operator. */
export async function variantsPage(
  tx: Transaction,
  organizationId: string,
  { id, name }: Named,
  organization: string,
): Promise<string> {
  const arms = await variantNumbers(tx, organizationId, [id]);
  return documentOf(tx, organizationId, {
    organization,
    campaign: name,
    scope: "all messages until now",
    sections: [variantsAlone(arms)],
  });
}

function inWords({ since, until }: Window): string {
  const day = (date: string) => `${dayLabel(date)} ${date.slice(0, 4)}`;
  return since === until ? day(since) : `${day(since)} to ${day(until)}`;
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

type Section = (tx: Transaction, asked: Asked, names: readonly SectionName[]) => Promise<Markup | undefined>;

const SECTIONS: Record<SectionName, Section> = {
  overview: async (tx, { organizationId, window, campaignIds }) =>
    overview(await totalsByDay(tx, organizationId, window, campaignIds), window),
  campaigns: async (tx, { organizationId, window, campaignIds }) =>
    campaigns(await analyticsByCampaign(tx, organizationId, window, campaignIds)),
  variants: async (tx, { organizationId, campaignIds }) =>
    variants(await variantNumbers(tx, organizationId, campaignIds ?? [])),
  drips: async (tx, { organizationId, window, campaignIds }, names) => {
    const lines = await dripNumbers(tx, organizationId, window, campaignIds);
    const steps = await stepNumbers(tx, organizationId, window, campaignIds);
    const isOfBroadcast = campaignIds !== null && names.length > 1 && lines.length + steps.length === 0;
    return isOfBroadcast ? undefined : drips(lines, steps);
  },
  agents: async (tx, { organizationId, window }) => agents(await agentNumbers(tx, organizationId, window)),
  channels: async (tx, { organizationId, window }) =>
    channels(await channelNumbers(tx, organizationId, window)),
  templates: async (tx, { organizationId, window }) =>
    templates(await templateNumbers(tx, organizationId, window)),
  failures: async (tx, { organizationId, window, campaignIds }) =>
    failures(await failureNumbers(tx, organizationId, window, "code", campaignIds)),
};
