import { audienceCondition } from "../audience/condition.ts";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import type { Organization } from "../organizations/organization.ts";
import { compileMessage, type FrozenTemplate, type Recipient } from "../templates/message.ts";
import text from "./campaigns.sql";
import { type BroadcastDefinition, SETTING_DEFAULTS } from "./definition.ts";
import { type Findings, findingsOf } from "./findings.ts";

const sql = namedQueries(text, "previewAudience", "sampleAudience");

/** A broadcast before it is sent. */
export interface Preview {
  name: string;
  /** people in the audience */
  targets: number;
  willBeSent: number;
  /** by reason */
  skipped: Record<string, number>;
  samples: { to: string | null; text: string | null; missing: string | null }[];
  forecast: Forecast;
  errors: string[];
  warnings: string[];
}

/** How long the sending takes by throughput and messagesPerHour, if nothing else holds it up. */
export interface Forecast {
  perSecond: number;
  seconds: number;
}

/**
 * Whom a broadcast would reach now and what they would read, computed by the same conditions as the sending. The audience
 * is read as worker (a policy keeps its indexes from being used), so the organization is named in the query.
 */
export async function previewCampaign(
  asOperator: <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>,
  asWorker: <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>,
  organization: Organization,
  definition: BroadcastDefinition,
): Promise<Preview> {
  const findings = await asOperator((tx) => findingsOf(tx, organization.id, definition));
  const marketing = isMarketing(definition, findings);
  const { condition, parameters } = audienceCondition(definition.targetAudience, 4);
  const values = [organization.id, marketing, definition.settings.requireOptIn ?? SETTING_DEFAULTS.requireOptIn, ...parameters];
  const within = (query: string) => query.replace("AUDIENCE", () => condition);
  const { reasons, people } = await asWorker(async (tx) => ({
    reasons: await tx.query<{ reason: string; count: number }>(within(sql.previewAudience), values),
    people: await tx.query<Recipient>(within(sql.sampleAudience), values),
  }));
  const willBeSent = reasons.find((row) => row.reason === "")?.count ?? 0;
  return {
    name: definition.name,
    targets: reasons.reduce((sum, row) => sum + row.count, 0),
    willBeSent,
    skipped: Object.fromEntries(reasons.filter((row) => row.reason !== "").map((row) => [row.reason, row.count])),
    samples: findings.errors.length > 0 ? [] : await samplesOf(definition, findings.template, organization, people),
    forecast: forecastOf(willBeSent, findings.throughput, definition.rateLimiting),
    errors: findings.errors,
    warnings: findings.warnings,
  };
}

/** Promotional and survey campaigns, and any template of category MARKETING (design: sending, gates). */
export function isMarketing(definition: BroadcastDefinition, findings: Pick<Findings, "template">): boolean {
  return definition.type === "promotional" || definition.type === "survey" || findings.template?.category === "MARKETING";
}

export function forecastOf(messages: number, throughput: number | null, rateLimiting: { enabled: boolean; messagesPerHour?: number | undefined }): Forecast {
  const hourly = rateLimiting.enabled && rateLimiting.messagesPerHour !== undefined ? rateLimiting.messagesPerHour / 3600 : Number.POSITIVE_INFINITY;
  const perSecond = Math.min(throughput ?? 80, hourly);
  return { perSecond: Math.round(perSecond * 1000) / 1000, seconds: Math.ceil(messages / perSecond) };
}

async function samplesOf(definition: BroadcastDefinition, template: FrozenTemplate | null, organization: Organization, people: readonly Recipient[]) {
  const compiled = await compileMessage({ name: definition.name, message: definition.message, template }, { organizationName: organization.name });
  return people.map((person) => {
    const rendered = compiled.render(person);
    return "missing" in rendered ? { to: person.phone, text: null, missing: rendered.missing } : { to: person.phone, text: rendered.text, missing: null };
  });
}
