import type { TargetAudience } from "./audience.ts";

/** A boolean over `c` (contacts), and the values of its parameters in their order. */
export interface AudienceCondition {
  condition: string;
  parameters: unknown[];
}

const HAS_TAG = "from contact_tags t where t.contact_id = c.id and t.organization_id = c.organization_id and t.tag = any";
const ON_LIST = `from contact_list_members m join contact_lists l on l.id = m.list_id and l.organization_id = m.organization_id
                 where m.contact_id = c.id and m.organization_id = c.organization_id and l.name = any`;

/**
 * An audience as one parameterised SQL condition. The query around it names the organization and excludes nobody by
 * consent: whoever may not be messaged is counted as skipped, with the reason.
 * @param firstParameter the number of its first parameter: 4 gives $4, $5 …
 */
export function audienceCondition(audience: TargetAudience, firstParameter: number): AudienceCondition {
  const parameters: unknown[] = [];
  const next = (value: unknown) => `$${firstParameter + parameters.push(value) - 1}`;
  const conditions = [included(audience, next), ...excluded(audience, next)];
  return { condition: conditions.join("\n  and "), parameters };
}

function included(audience: TargetAudience, next: (value: unknown) => string): string {
  switch (audience.type) {
    case "all":
      return "true";
    case "tags": {
      const tags = [...new Set(audience.tags)];
      if (audience.match !== "all") return `exists (select ${HAS_TAG} (${next(tags)}::text[]))`;
      return `(select count(*) ${HAS_TAG} (${next(tags)}::text[])) = ${next(tags.length)}::int`;
    }
    case "list":
      return `exists (select ${ON_LIST} (${next([audience.list])}::text[]))`;
    case "contacts":
      return `(c.phone = any (${next(audience.contacts)}::text[]) or c.id::text = any (${next(audience.contacts)}::text[]))`;
  }
}

function excluded({ exclude }: TargetAudience, next: (value: unknown) => string): string[] {
  const conditions: string[] = [];
  if (exclude?.tags !== undefined) conditions.push(`not exists (select ${HAS_TAG} (${next(exclude.tags)}::text[]))`);
  if (exclude?.lists !== undefined) conditions.push(`not exists (select ${ON_LIST} (${next(exclude.lists)}::text[]))`);
  if (exclude?.contactedWithinDays !== undefined) {
    conditions.push(`not exists (select from bulk_message_jobs p where p.contact_id = c.id and p.organization_id = c.organization_id
                      and p.sent_at > adsapp_now() - make_interval(days => ${next(exclude.contactedWithinDays)}::int))`);
  }
  return conditions;
}
