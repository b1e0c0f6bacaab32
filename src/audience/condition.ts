import type { TargetAudience } from "./audience.ts";
import { conditionSql, type DynamicLists, hasTag, isOnList, type Parameter } from "./compile.ts";

/** A boolean over `c` (contacts), and the values of its parameters in their order. */
export interface AudienceCondition {
  condition: string;
  parameters: unknown[];
}

/**
 * An audience as one parameterised SQL condition. The query around it names the organization and excludes nobody by
 * consent: whoever may not be messaged is counted as skipped, with the reason (adsapp_contact_gate). A tag, list or
 * contact that does not exist matches nobody.
 * @param firstParameter the number of its first parameter: 4 gives $4, $5 …
 * @param lists the dynamic ones among the audience's lists (dynamic-lists.ts)
 */
export function audienceCondition(
  audience: TargetAudience,
  firstParameter: number,
  lists: DynamicLists = new Map(),
): AudienceCondition {
  const parameters: unknown[] = [];
  const parameter: Parameter = (value) => `$${firstParameter + parameters.push(value) - 1}`;
  const conditions = [
    "c.merged_into is null",
    targeted(audience, parameter, lists),
    ...exclusions(audience, parameter, lists).map(({ condition }) => `not ${condition}`),
  ];
  return { condition: conditions.join("\n  and "), parameters };
}

/**
 * A query that holds `(AUDIENCE)` once, with the condition in its place.
 * @throws Error when it does not: a query that would reach somebody else must not run
 */
export function withAudience(query: string, { condition }: AudienceCondition): string {
  const parts = query.split("(AUDIENCE)");
  if (parts.length !== 2) throw new Error("the query has no (AUDIENCE), or several");
  return parts.join(`(${condition})`);
}

const CONTACT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An id, not a phone. */
export function isContactId(word: string): boolean {
  return CONTACT_ID.test(word);
}

/** Meant by the audience, before anybody is excluded. */
export function targeted(audience: TargetAudience, parameter: Parameter, lists: DynamicLists): string {
  switch (audience.type) {
    case "all":
      return "true";
    case "tags":
      return audience.match === "all"
        ? hasEveryTag(audience.tags, parameter)
        : hasTag(audience.tags, parameter);
    case "list":
      return isOnList([audience.list], parameter, lists);
    case "segment":
      return conditionSql(audience.where, parameter, lists);
    case "contacts": {
      const ids = audience.contacts.filter(isContactId);
      const phones = audience.contacts.filter((word) => !isContactId(word));
      return `(c.phone = any (${parameter(phones)}::text[]) or c.id = any (${parameter(ids)}::uuid[]))`;
    }
  }
}

/** What keeps people out, each with the words by which a preview counts it, in the order in which it does. */
export function exclusions(
  { exclude }: TargetAudience,
  parameter: Parameter,
  lists: DynamicLists,
): { reason: string; condition: string }[] {
  const days = exclude?.contactedWithinDays;
  return [
    ...(exclude?.tags ?? []).map((tag) => ({ reason: `tag ${tag}`, condition: hasTag([tag], parameter) })),
    ...(exclude?.lists ?? []).map((list) => ({
      reason: `list ${list}`,
      condition: isOnList([list], parameter, lists),
    })),
    ...(days === undefined
      ? []
      : [{ reason: `contacted within ${days} days`, condition: wasContacted(days, parameter) }]),
  ];
}

function hasEveryTag(tags: readonly string[], parameter: Parameter): string {
  return `(${[...new Set(tags)].map((tag) => hasTag([tag], parameter)).join(" and ")})`;
}

function wasContacted(days: number, parameter: Parameter): string {
  return `exists (select from bulk_message_jobs p where p.contact_id = c.id and p.organization_id = c.organization_id
                      and p.sent_at > adsapp_now() - make_interval(days => ${parameter(days)}::int))`;
}
