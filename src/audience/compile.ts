import type { Condition, FieldCondition } from "./condition-schema.ts";

/** Takes a value and gives the text by which the query names it: `$4`. */
export type Parameter = (value: unknown) => string;

/** Lists that are a condition themselves, by name: who meets it, as SQL over `c`. */
export type DynamicLists = ReadonlyMap<string, (parameter: Parameter) => string>;

/**
 * A condition as SQL over `c` (contacts): the same as adsapp_meets (migrations/025) says of each contact, but in a form that
 * the planner turns into joins and index conditions, so that a million contacts are answered at once.
 * @returns a boolean that is never null
 */
export function conditionSql(
  condition: Condition,
  parameter: Parameter,
  lists: DynamicLists = new Map(),
): string {
  const sqlOf = (part: Condition) => conditionSql(part, parameter, lists);
  if ("all" in condition) return `(${condition.all.map(sqlOf).join(" and ")})`;
  if ("any" in condition) return `(${condition.any.map(sqlOf).join(" or ")})`;
  if ("not" in condition) return `(not ${sqlOf(condition.not)})`;
  if ("tag" in condition) return hasTag([condition.tag], parameter);
  if ("list" in condition) return isOnList([condition.list], parameter, lists);
  if ("event" in condition) return hadEvent(condition, parameter);
  if ("received" in condition) return hadMessage(condition.received, "sent_at", condition, parameter);
  if ("opened" in condition) return hadMessage(condition.opened, "read_at", condition, parameter);
  if ("replied" in condition) return hadMessage(condition.replied, "replied_at", condition, parameter);
  if ("replied_within_days" in condition)
    return `coalesce(c.last_inbound_at >= ${daysAgo(condition.replied_within_days, parameter)}, false)`;
  return fieldSql(condition, parameter);
}

/** Has one of the tags. */
export function hasTag(tags: readonly string[], parameter: Parameter): string {
  return `exists (select from contact_tags t where t.contact_id = c.id and t.organization_id = c.organization_id and t.tag = any (${parameter(tags)}::text[]))`;
}

/** Is on one of the lists: by name a member, or, of a dynamic one, by its condition. */
export function isOnList(names: readonly string[], parameter: Parameter, lists: DynamicLists): string {
  const isMember = `exists (select from contact_list_members m join contact_lists l on l.id = m.list_id and l.organization_id = m.organization_id
                   where m.contact_id = c.id and m.organization_id = c.organization_id and l.name = any (${parameter(names)}::text[]))`;
  const filters = names.flatMap((name) => lists.get(name) ?? []);
  if (filters.length === 0) return isMember;
  return `(${[isMember, ...filters.map((filter) => filter(parameter))].join(" or ")})`;
}

function daysAgo(days: number, parameter: Parameter): string {
  return `adsapp_now() - make_interval(days => ${parameter(days)}::int)`;
}

function hadEvent(
  { event, within_days }: { event: string; within_days?: number | undefined },
  parameter: Parameter,
): string {
  const late = within_days === undefined ? "" : ` and e.occurred_at >= ${daysAgo(within_days, parameter)}`;
  return `exists (select from contact_events e where e.contact_id = c.id and e.organization_id = c.organization_id
                   and e.type in ('custom_event', 'api') and e.name = ${parameter(event)}${late})`;
}

/** A message of a broadcast or a drip that got so far. */
function hadMessage(
  campaign: string,
  time: "sent_at" | "read_at" | "replied_at",
  { within_days }: { within_days?: number | undefined },
  parameter: Parameter,
): string {
  const name = parameter(campaign);
  const since = within_days === undefined ? "'-infinity'" : daysAgo(within_days, parameter);
  const of = (rows: string, campaigns: string) =>
    `exists (select from ${rows} j join ${campaigns} b on b.id = j.campaign_id and b.organization_id = j.organization_id
              where j.contact_id = c.id and j.organization_id = c.organization_id and b.name = ${name} and j.${time} >= ${since})`;
  return `(${of("bulk_message_jobs", "bulk_campaigns")} or ${of("drip_message_logs", "drip_campaigns")})`;
}

const NUMBER = "'^-?[0-9]+(\\.[0-9]+)?$'";
const ATTRIBUTE = "c.attributes ->> ";
const COMPARE = { gt: ">", gte: ">=", lt: "<", lte: "<=" } as const;

function fieldSql(condition: FieldCondition, parameter: Parameter): string {
  if (condition.field === "country" && condition.op !== "exists") return countrySql(condition, parameter);
  const held = heldText(condition.field, parameter);
  switch (condition.op) {
    case "eq":
      return `coalesce(${held} = ${parameter(String(condition.value))}::text, false)`;
    case "ne":
      return `(${held} is distinct from ${parameter(String(condition.value))}::text)`;
    case "in":
      return `coalesce(${held} = any (${parameter(condition.value)}::text[]), false)`;
    case "contains":
      return `coalesce(position(lower(${parameter(condition.value)}::text) in lower(${held})) > 0, false)`;
    case "exists":
      return `(${held} ${condition.value === false ? "is null" : "is not null"})`;
    case "within_days":
      return withinDays(condition.field, held, condition.value, parameter);
    default:
      return compared(held, COMPARE[condition.op], condition.value, parameter);
  }
}

/**
 * The longest known prefix of the phone is one of these countries': it begins as one of theirs and not, farther on, as
 * another's. The prefixes are looked up once a query, where adsapp_country would look up each phone.
 */
function countrySql(condition: FieldCondition, parameter: Parameter): string {
  const countries = `${parameter([condition.value].flat().map(String))}::text[]`;
  const all = "jsonb_each_text(adsapp_country_prefixes())";
  const theirs = `array(select '+' || p.key || '%' from ${all} p where p.value = any (${countries}))`;
  const others = `array(select '+' || o.key || '%' from ${all} p join ${all} o on o.key like p.key || '_%'
                         where p.value = any (${countries}) and o.value <> all (${countries}))`;
  const isIn = `coalesce(c.phone like any (${theirs}) and not c.phone like any (${others}), false)`;
  return condition.op === "ne" ? `(not ${isIn})` : isIn;
}

/**
 * A number is compared with what is one; a cast of anything else would stop the query, so CASE keeps it away. An attribute that is a number in
 * its JSON is compared as it lies there, which takes half as long as through its text.
 */
function compared(held: string, operator: string, value: string | number, parameter: Parameter): string {
  if (typeof value !== "number")
    return `coalesce((${held}) collate "C" ${operator} ${parameter(value)}::text, false)`;
  const number = parameter(String(value));
  const ofText = `case when ${held} ~ ${NUMBER} then (${held})::numeric ${operator} (${number}::text)::numeric end`;
  if (!held.startsWith(ATTRIBUTE)) return `coalesce(${ofText}, false)`;
  const json = held.replace(ATTRIBUTE, "c.attributes -> ");
  return `coalesce(case jsonb_typeof(${json}) when 'number' then ${json} ${operator} (${number}::text)::jsonb when 'string' then ${ofText} end, false)`;
}

function withinDays(field: string, held: string, days: number, parameter: Parameter): string {
  if (!field.startsWith("attributes.")) return `coalesce(c.${field} >= ${daysAgo(days, parameter)}, false)`;
  return `coalesce(adsapp_is_day_within(${held}, make_interval(days => ${parameter(days)}::int)), false)`;
}

/** As to_jsonb(contact) would write it; field is one of the schema's, so that it can stand in the text of a query. */
function heldText(field: string, parameter: Parameter): string {
  if (field.startsWith("attributes."))
    return `${ATTRIBUTE}${parameter(field.slice("attributes.".length))}::text`;
  if (field === "country") return "adsapp_country(c.phone)";
  if (!/^[a-z_]+$/.test(field)) throw new Error(`no field ${field}`);
  return field.endsWith("_at") ? `to_jsonb(c.${field}) #>> '{}'` : `c.${field}`;
}
