import type { TargetAudience } from "./audience.ts";

/** A boolean over `c` (contacts), and the values of its parameters in their order. */
export interface AudienceCondition {
  condition: string;
  parameters: unknown[];
}

type Parameter = (value: unknown) => string;

/**
 * An audience as one parameterised SQL condition. The query around it names the organization and excludes nobody by
 * consent: whoever may not be messaged is counted as skipped, with the reason (adsapp_contact_gate). A tag, list or
 * contact that does not exist matches nobody.
 * @param firstParameter the number of its first parameter: 4 gives $4, $5 …
 */
export function audienceCondition(audience: TargetAudience, firstParameter: number): AudienceCondition {
  const parameters: unknown[] = [];
  const parameter: Parameter = (value) => `$${firstParameter + parameters.push(value) - 1}`;
  const conditions = [
    "c.merged_into is null",
    included(audience, parameter),
    ...excluded(audience, parameter),
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

function included(audience: TargetAudience, parameter: Parameter): string {
  switch (audience.type) {
    case "all":
      return "true";
    case "tags":
      return audience.match === "all"
        ? hasEveryTag(audience.tags, parameter)
        : hasTag(audience.tags, parameter);
    case "list":
      return isOnList([audience.list], parameter);
    case "contacts": {
      const ids = audience.contacts.filter(isContactId);
      const phones = audience.contacts.filter((word) => !isContactId(word));
      return `(c.phone = any (${parameter(phones)}::text[]) or c.id = any (${parameter(ids)}::uuid[]))`;
    }
  }
}

function excluded({ exclude }: TargetAudience, parameter: Parameter): string[] {
  const conditions: string[] = [];
  if (exclude?.tags !== undefined) conditions.push(`not ${hasTag(exclude.tags, parameter)}`);
  if (exclude?.lists !== undefined) conditions.push(`not ${isOnList(exclude.lists, parameter)}`);
  if (exclude?.contactedWithinDays !== undefined)
    conditions.push(`not ${wasContacted(exclude.contactedWithinDays, parameter)}`);
  return conditions;
}

function hasTag(tags: readonly string[], parameter: Parameter): string {
  return `exists (select ${TAGGED} (${parameter(tags)}::text[]))`;
}

function hasEveryTag(tags: readonly string[], parameter: Parameter): string {
  const distinct = [...new Set(tags)];
  return `(select count(*) ${TAGGED} (${parameter(distinct)}::text[])) = ${parameter(distinct.length)}::int`;
}

const TAGGED =
  "from contact_tags t where t.contact_id = c.id and t.organization_id = c.organization_id and t.tag = any";

function isOnList(lists: readonly string[], parameter: Parameter): string {
  return `exists (select from contact_list_members m join contact_lists l on l.id = m.list_id and l.organization_id = m.organization_id
                   where m.contact_id = c.id and m.organization_id = c.organization_id and l.name = any (${parameter(lists)}::text[]))`;
}

function wasContacted(days: number, parameter: Parameter): string {
  return `exists (select from bulk_message_jobs p where p.contact_id = c.id and p.organization_id = c.organization_id
                      and p.sent_at > adsapp_now() - make_interval(days => ${parameter(days)}::int))`;
}
