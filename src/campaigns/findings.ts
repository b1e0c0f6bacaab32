import { isContactId } from "../audience/condition.ts";
import { namesIn } from "../audience/condition-schema.ts";
import { listsOf } from "../audience/dynamic-lists.ts";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import type { MessageDefinition } from "../templates/message-schema.ts";
import { categoryFindings } from "./category-findings.ts";
import { nextOccurrence } from "./cron.ts";
import type { BroadcastDefinition } from "./definition.ts";
import text from "./findings.sql";
import { didYouMean, type Found, type StoredTemplate } from "./found.ts";
import { messageFindings } from "./message-findings.ts";

const sql = namedQueries(text, "findingsOf");

/** What a definition meets in the database: errors keep it from starting, warnings do not. */
export interface Findings {
  errors: string[];
  warnings: string[];
  template: StoredTemplate | null;
  /** in the order of the variants */
  variantTemplates: (StoredTemplate | null)[];
  provider: Found["provider"];
  /** messages a second; null without a sender */
  throughput: number | null;
  now: Date;
  /** when it starts, were it started now */
  startsAt: Date;
}

/**
 * Checks a definition against the organization's senders, templates, tags, lists and contacts, and its times against the
 * clock. As operator.
 */
export async function findingsOf(
  tx: Transaction,
  organizationId: string,
  definition: BroadcastDefinition,
): Promise<Findings> {
  const found = (await tx.one<Found>(sql.findingsOf, [organizationId, ...wanted(definition)])) as Found;
  const ofMessage = await messagesFindings(definition, found);
  const ofCategory = categoryFindings(definition, found.template);
  return {
    errors: [
      ...senderErrors(definition, found),
      ...ofMessage.errors,
      ...ofCategory.errors,
      ...listErrors(found),
      ...timeErrors(definition, found),
    ],
    warnings: [
      ...senderWarnings(found),
      ...ofMessage.warnings,
      ...ofCategory.warnings,
      ...audienceWarnings(found),
      ...timeWarnings(definition, found),
    ],
    template: found.template,
    variantTemplates: found.variants?.map(({ template }) => template) ?? [],
    provider: found.provider,
    throughput: found.throughputPerSecond,
    now: found.now,
    startsAt: startOf(definition, found),
  };
}

/** Its time, its first occurrence, or now. */
function startOf({ scheduling }: BroadcastDefinition, found: Found): Date {
  const at = scheduling.type === "recurring" ? firstOccurrence(scheduling.cron, found) : found.startsAt;
  return at !== null && at > found.now ? at : found.now;
}

function firstOccurrence(
  cron: string | undefined,
  { timezone, endsAt, now, knowsTimezone }: Found,
): Date | null {
  return cron === undefined || !knowsTimezone ? null : nextOccurrence({ cron, timezone, endsAt }, now);
}

/** The parameters of findingsOf, from the second on. */
function wanted(definition: BroadcastDefinition): unknown[] {
  const { sender, message, targetAudience: audience, scheduling, variants = [] } = definition;
  const [template, language] = templateOf(message);
  const ofVariants = variants.map((variant) => templateOf(variant.message));
  const asked = audience.type === "segment" ? namesIn(audience.where) : { tags: [], campaigns: [] };
  const tags = [
    ...(audience.type === "tags" ? audience.tags : asked.tags),
    ...(audience.exclude?.tags ?? []),
  ];
  const lists = listsOf(audience);
  const contacts = audience.type === "contacts" ? audience.contacts : [];
  const [phones, ids] = [contacts.filter((word) => !isContactId(word)), contacts.filter(isContactId)];
  const { scheduledAt = null, sendBefore = null, endsAt = null } = scheduling;
  const timezone = scheduling.timezone === "contact" ? null : (scheduling.timezone ?? null);
  return [
    sender ?? null,
    template,
    language,
    tags,
    lists,
    phones,
    ids,
    scheduledAt,
    sendBefore,
    timezone,
    asked.campaigns,
    ofVariants.map(([name]) => name),
    ofVariants.map((each) => each[1]),
    endsAt,
    scheduling.type === "recurring" && scheduling.timezone === "contact",
  ];
}

function templateOf(message: MessageDefinition): [template: string | null, language: string | null] {
  return message.type === "template" ? [message.template, message.language] : [null, null];
}

/** Of the campaign's message, and of each variant's where there are some: then nobody gets the campaign's. */
async function messagesFindings({ message, variants }: BroadcastDefinition, found: Found) {
  if (variants === undefined) return messageFindings(message, found);
  const each = await Promise.all(
    variants.map(async (variant, n) => {
      const { errors, warnings } = await messageFindings(variant.message, {
        ...found,
        ...found.variants?.[n],
      });
      const named = (text: string) => `variant ${variant.name}: ${text}`;
      return { errors: errors.map(named), warnings: warnings.map(named) };
    }),
  );
  return { errors: each.flatMap(({ errors }) => errors), warnings: each.flatMap(({ warnings }) => warnings) };
}

/** The sender that a definition names, or the default one, is not there. */
export function senderErrors(
  { sender }: { sender?: string | undefined },
  found: Pick<Found, "sender" | "senderNames">,
): string[] {
  if (found.sender !== null) return [];
  if (sender === undefined) return ["the organization has no sender: adsapp sender add"];
  return [`there is no sender "${sender}"${didYouMean(sender, found.senderNames)}`];
}

export function senderWarnings({ sender, senderState }: Pick<Found, "sender" | "senderState">): string[] {
  return senderState === "halted"
    ? [`sender "${sender}" is halted: nothing goes out before adsapp sender resume`]
    : [];
}

function listErrors({ missingLists, listNames }: Found): string[] {
  return missingLists.map((list) => `there is no list "${list}"${didYouMean(list, listNames)}`);
}

function audienceWarnings({ unusedTags, unknownContacts, unknownCampaigns }: Found): string[] {
  const some = unknownContacts.slice(0, 3).join(", ");
  const more = unknownContacts.length > 3 ? ` and ${unknownContacts.length - 3} more` : "";
  return [
    ...unusedTags.map((tag) => `no contact has the tag "${tag}"`),
    ...unknownCampaigns.map((name) => `there is no campaign "${name}" that somebody could have got`),
    ...(some === "" ? [] : [`there is no contact ${some}${more}`]),
  ];
}

function timeErrors({ scheduling }: BroadcastDefinition, found: Found): string[] {
  if (!found.knowsTimezone) return [`the database does not know the time zone ${scheduling.timezone}`];
  if (scheduling.type === "recurring" && firstOccurrence(scheduling.cron, found) === null)
    return ["endsAt is before the first time that its cron names: it would never run"];
  const { sendBefore, startsAt, now } = found;
  if (sendBefore === null) return [];
  return sendBefore <= now || (startsAt !== null && sendBefore <= startsAt)
    ? ["sendBefore is not after its start: everyone would be skipped"]
    : [];
}

/** What PostgreSQL makes of a local time on the days when clocks change. */
function timeWarnings(
  { scheduling }: BroadcastDefinition,
  { startsAt, startsAtLocal, now, isSkippedTime, isRepeatedTime }: Found,
): string[] {
  if (startsAt === null) return [];
  const warnings: string[] = [];
  if (startsAt <= now) warnings.push(`scheduledAt ${scheduling.scheduledAt} has gone by: it starts at once`);
  if (isSkippedTime)
    warnings.push(
      `${scheduling.scheduledAt} does not exist there (the clock goes forward): it starts at ${startsAtLocal}`,
    );
  else if (isRepeatedTime)
    warnings.push(
      `${scheduling.scheduledAt} is there twice that night (the clock goes back): it starts the second time`,
    );
  return warnings;
}
