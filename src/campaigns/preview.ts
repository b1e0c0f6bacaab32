import { audienceCondition, withAudience } from "../audience/condition.ts";
import { dynamicListsOf } from "../audience/dynamic-lists.ts";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { UserError } from "../errors.ts";
import type { Organization } from "../organizations/organization.ts";
import { compileMessage, type Recipient } from "../templates/message.ts";
import text from "./campaigns.sql";
import { type BroadcastDefinition, settingsOf } from "./definition.ts";
import { type Findings, findingsOf } from "./findings.ts";
import { type Forecast, forecastOf } from "./forecast.ts";

const sql = namedQueries(text, "previewAudience", "sampleAudience");

/** A broadcast before it is sent. */
export interface Preview {
  name: string;
  /** people in the audience: willBeSent and all of skipped */
  targets: number;
  /** may be messaged; whoever lacks a value that the message needs is skipped at the sending */
  willBeSent: number;
  /** people by reason: adsapp_contact_gate's, and outside_service_window */
  skipped: Record<string, number>;
  samples: Sample[];
  /** null without a sender */
  forecast: Forecast | null;
  errors: string[];
  warnings: string[];
}

/** What one real contact would read, or what it lacks. */
export interface Sample {
  to: string | null;
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
): Promise<Preview> {
  const findings = await asOperator((tx) => findingsOf(tx, organization.id, definition));
  const { reasons, people } = await asWorker((tx) => readAudience(tx, organization.id, definition, findings));
  const willBeSent = reasons.find(({ reason }) => reason === "")?.count ?? 0;
  const samples = await samplesOf(definition, findings, organization, people);
  return {
    name: definition.name,
    targets: reasons.reduce((sum, { count }) => sum + count, 0),
    willBeSent,
    skipped: Object.fromEntries(
      reasons.filter(({ reason }) => reason !== "").map(({ reason, count }) => [reason, count]),
    ),
    samples,
    forecast:
      findings.throughput === null
        ? null
        : forecastOf({
            messages: willBeSent,
            startsAt: findings.startsAt,
            throughput: findings.throughput,
            rateLimiting: definition.rateLimiting,
          }),
    errors: findings.errors,
    warnings: [...findings.warnings, ...warningsOf(willBeSent, samples, definition)],
  };
}

/** Promotional and survey campaigns, and any template of category MARKETING (design: sending, gates). */
export function isMarketing(
  definition: BroadcastDefinition,
  { template }: Pick<Findings, "template">,
): boolean {
  return (
    definition.type === "promotional" || definition.type === "survey" || template?.category === "MARKETING"
  );
}

async function readAudience(
  tx: Transaction,
  organizationId: string,
  definition: BroadcastDefinition,
  findings: Findings,
) {
  const lists = await dynamicListsOf(tx, organizationId, definition.targetAudience);
  const audience = audienceCondition(definition.targetAudience, 5, lists);
  const needsWindow = findings.provider === "whatsapp-cloud" && definition.message.type !== "template";
  const values = [
    organizationId,
    isMarketing(definition, findings),
    settingsOf(definition).requireOptIn,
    needsWindow,
    ...audience.parameters,
  ];
  return {
    reasons: await tx.query<{ reason: string; count: number }>(
      withAudience(sql.previewAudience, audience),
      values,
    ),
    people: await tx.query<Recipient>(withAudience(sql.sampleAudience, audience), values),
  };
}

/** None where the message itself is at fault: the findings say so. */
async function samplesOf(
  definition: BroadcastDefinition,
  { template }: Findings,
  organization: Organization,
  people: readonly Recipient[],
): Promise<Sample[]> {
  if (definition.message.type === "template" && template === null) return [];
  const compiled = await compileMessage(
    { name: definition.name, message: definition.message, template },
    { organizationName: organization.name },
  ).catch((error: unknown) => {
    if (error instanceof UserError) return undefined;
    throw error;
  });
  if (compiled === undefined) return [];
  return people.map((person) => {
    const rendered = compiled.render(person);
    return "missing" in rendered
      ? { to: person.phone, text: null, missing: rendered.missing }
      : { to: person.phone, text: rendered.text, missing: null };
  });
}

function warningsOf(
  willBeSent: number,
  samples: readonly Sample[],
  definition: BroadcastDefinition,
): string[] {
  const { respectBusinessHours, quietHours } = settingsOf(definition);
  const lacking = samples.find(({ missing }) => missing !== null);
  return [
    ...(willBeSent === 0 ? ["nobody would get it"] : []),
    ...(lacking === undefined
      ? []
      : [
          `who lacks a value is skipped: ${lacking.to} has no ${lacking.missing} (Liquid's default filter gives one)`,
        ]),
    ...(respectBusinessHours || quietHours !== null
      ? ["the forecast does not count the hours in which nothing is sent"]
      : []),
  ];
}
