import type { Transaction } from "../db/database.ts";
import { UserError } from "../errors.ts";
import type { Organization } from "../organizations/organization.ts";
import { compileMessage, type Recipient } from "../templates/message.ts";
import { type BroadcastDefinition, settingsOf } from "./definition.ts";
import { type Findings, findingsOf } from "./findings.ts";
import { type Circumstances, type Outlook, outlookWith } from "./outlook.ts";
import {
  type AudiencePart,
  circumstancesOf,
  countAudience,
  countContacts,
  sampleAudience,
} from "./preview-audience.ts";
import { type Category, type Cost, costOf, type Rate } from "./rates.ts";
import { counted, gatesOf } from "./reach.ts";
import type { Variant } from "./variants.ts";

/** A broadcast before it is sent. */
export interface Preview {
  name: string;
  /** everyone of the organization */
  contacts: number;
  /** not meant by the audience */
  notInTarget: number;
  /** meant, and kept out, by what: `tag NAME`, `list NAME`, `contacted within N days`; who is kept out twice counts at the first */
  excluded: Record<string, number>;
  /** people in the audience: willBeSent and all of skipped */
  targets: number;
  /** may be messaged; whoever lacks a value that the message needs is skipped at the sending */
  willBeSent: number;
  /** people by reason: adsapp_contact_gate's, outside_service_window; frequency_cap as of now, holdout as its share */
  skipped: Record<string, number>;
  samples: Sample[];
  /** null without a sender */
  forecast: Outlook | null;
  /** by a rate card; null without one */
  cost: Cost | null;
  errors: string[];
  warnings: string[];
}

/** What one real contact would read, or what it lacks. */
export interface Sample {
  to: string | null;
  /** of an A/B test */
  variant: string | null;
  text: string | null;
  missing: string | null;
}

type Within = <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>;

/**
 * Whom a broadcast would reach now and what they would read, by the conditions that the sending uses. The audience is
 * read as worker, at the speed of the expansion, so the queries name the organization; the rest as operator.
 */
export async function previewCampaign(
  asOperator: Within,
  asWorker: Within,
  organization: Organization,
  definition: BroadcastDefinition,
  rates?: readonly Rate[],
): Promise<Preview> {
  const { id } = organization;
  const findings = await asOperator((tx) => findingsOf(tx, id, definition));
  const gates = gatesOf(definition, findings, rates);
  const { contacts, parts, people, circumstances } = await asWorker(async (tx) => ({
    contacts: await countContacts(tx, id),
    parts: await countAudience(tx, id, definition.targetAudience, gates),
    people: await sampleAudience<Recipient>(tx, id, definition.targetAudience, gates),
    circumstances: await circumstancesOf<Circumstances>(tx, id, definition.sender ?? null, definition.name),
  }));
  const { targets, skipped, willBeSent, meant, excluded } = counted(parts, definition);
  const samples = await samplesOf(definition, findings, organization, people);
  return {
    name: definition.name,
    contacts,
    notInTarget: Math.max(0, contacts - meant),
    excluded,
    targets,
    willBeSent,
    skipped,
    samples,
    forecast: outlook(definition, findings, willBeSent, circumstances),
    cost: rates === undefined ? null : costOf(rates, priceable(parts, definition, findings, willBeSent)),
    errors: findings.errors,
    warnings: [...findings.warnings, ...warningsOf(willBeSent, samples, definition)],
  };
}

function outlook(
  definition: BroadcastDefinition,
  { throughput, startsAt }: Findings,
  messages: number,
  circumstances: Circumstances | undefined,
): Outlook | null {
  if (throughput === null || circumstances === undefined) return null;
  const { rateLimiting } = definition;
  return outlookWith({ messages, startsAt, throughput, rateLimiting }, settingsOf(definition), circumstances);
}

/**
 * Who gets it, by country and category; of an A/B test each arm's share, and nothing for those held out. What is rounded
 * off one part goes to the next, so that together they are willBeSent, however small the parts.
 */
function priceable(
  parts: readonly AudiencePart[],
  definition: BroadcastDefinition,
  findings: Findings,
  willBeSent: number,
) {
  const free = parts.filter(({ excluded, reason }) => excluded === null && reason === null);
  const all = free.reduce((sum, { people }) => sum + people, 0);
  const arms = armsOf(definition, findings);
  const weights = arms.reduce((sum, { weight }) => sum + weight, 0);
  let [shares, messagesBefore] = [0, 0];
  return arms.flatMap(({ category, weight }) =>
    free.map(({ country, prefix, people }) => {
      shares += people * weight;
      const messagesTillHere = Math.round((shares * willBeSent) / (weights * all));
      const messages = messagesTillHere - messagesBefore;
      messagesBefore = messagesTillHere;
      return { country, prefix, category, messages };
    }),
  );
}

function armsOf({ message, variants }: BroadcastDefinition, { template, variantTemplates }: Findings) {
  const categoryOf = (type: string, of: Findings["template"] | undefined): Category =>
    type === "template" ? ((of?.category as Category | undefined) ?? "MARKETING") : "SERVICE";
  const arms = (variants ?? []).map((variant, n) => ({
    category: categoryOf(variant.message.type, variantTemplates[n]),
    weight: variant.weight,
  }));
  return arms.length > 0 ? arms : [{ category: categoryOf(message.type, template), weight: 1 }];
}

/** None where a message itself is at fault: the findings say so. Of an A/B test the variants take turns. */
async function samplesOf(
  definition: BroadcastDefinition,
  findings: Findings,
  organization: Organization,
  people: readonly Recipient[],
): Promise<Sample[]> {
  const compiled = await Promise.all(
    messagesOf(definition, findings).map(({ variant, message, template }) =>
      message.type === "template" && template === null
        ? undefined
        : compileMessage(
            { name: definition.name, message, template },
            { organizationName: organization.name },
          ).then((each) => ({ variant, render: each.render }), noneWhereAtFault),
    ),
  );
  const messages = compiled.flatMap((each) => each ?? []);
  if (messages.length < compiled.length) return [];
  return people.map((person, n) => {
    const { variant, render } = messages[n % messages.length] as (typeof messages)[number];
    const rendered = render(person);
    return "missing" in rendered
      ? { to: person.phone, variant, text: null, missing: rendered.missing }
      : { to: person.phone, variant, text: rendered.text, missing: null };
  });
}

function noneWhereAtFault(error: unknown): undefined {
  if (!(error instanceof UserError)) throw error;
}

function messagesOf({ message, variants }: BroadcastDefinition, { template, variantTemplates }: Findings) {
  if (variants === undefined) return [{ variant: null, message, template }];
  return variants.map((each: Variant, n) => ({
    variant: each.name,
    message: each.message,
    template: variantTemplates[n] ?? null,
  }));
}

function warningsOf(
  willBeSent: number,
  samples: readonly Sample[],
  definition: BroadcastDefinition,
): string[] {
  const lacking = samples.find(({ missing }) => missing !== null);
  return [
    ...(willBeSent === 0 ? ["nobody would get it"] : []),
    ...(lacking === undefined
      ? []
      : [
          `who lacks a value is skipped: ${lacking.to} has no ${lacking.missing} (Liquid's default filter gives one)`,
        ]),
    ...(definition.scheduling.timezone === "contact"
      ? ["the forecast counts from the first time zone on; the last ones get it hours later"]
      : []),
  ];
}
