import type { Condition, FieldCondition } from "../../src/audience/condition-schema.ts";

/** A contact as the model of conditions knows it; days count back from now, and an hour more. */
export interface Person {
  phone: string;
  firstName: string | null;
  email: string | null;
  language: string | null;
  attributes: Record<string, unknown>;
  createdDays: number;
  inboundDays: number | null;
  optedInDays: number | null;
  tags: string[];
  lists: string[];
  events: { name: string; days: number }[];
  /** by campaign, sent a day ago */
  got: Record<string, { state: "sent" | "read" }>;
}

/** People of all sorts, the same ones each time: every value that conditions ask for is there, and its absence. */
export function people(n: number): Person[] {
  const pick = <T>(i: number, stride: number, values: readonly T[]): T =>
    values[Math.floor(i / stride + i * 7) % values.length] as T;
  return Array.from({ length: n }, (_, i) => ({
    phone: `${pick(i, 1, ["+3161", "+3247", "+1416", "+1212", "+4915"])}${String(1000000 + i)}`,
    firstName: pick(i, 2, ["Utrecht", "Anna", null]),
    email: pick(i, 3, [null, `p${i}@example.com`]),
    language: pick(i, 1, ["nl", "en", null]),
    attributes: {
      ...pick(i, 5, [{}, { city: "Utrecht" }, { city: "Zeist" }, { city: "utrecht" }, { city: "5" }]),
      ...pick(i, 2, [
        { orders: 5 },
        { orders: "10" },
        { orders: 7.5 },
        {},
        { orders: "ten" },
        { orders: -1 },
      ]),
      ...pick(i, 3, [{ vip: true }, { vip: "true" }, { vip: false }, {}]),
      ...pick(i, 1, [
        { last_order: "2026-05-31" },
        { last_order: "2099-01-01" },
        { last_order: "2026-13-45" },
        { last_order: "31-05-2026" },
        { last_order: null },
      ]),
    },
    createdDays: i % 45,
    inboundDays: i % 3 === 0 ? null : (i * 3) % 40,
    optedInDays: i % 2 === 0 ? null : (i * 5) % 40,
    tags: [...(i % 2 === 0 ? ["vip"] : []), ...(i % 5 === 0 ? ["leads"] : [])],
    lists: [...(i % 3 === 0 ? ["klanten"] : []), ...(i % 7 === 0 ? ["pers"] : [])],
    events: [
      ...(i % 4 === 0 ? [{ name: "signed_up", days: i % 40 }] : []),
      ...(i % 6 === 0 ? [{ name: "purchased", days: (i * 2) % 40 }] : []),
    ],
    got: {
      ...(i % 3 === 1 ? { Sale: { state: "sent" as const } } : {}),
      ...(i % 3 === 2 ? { Sale: { state: "read" as const } } : {}),
      ...(i % 5 === 2 ? { Lente: { state: "read" as const } } : {}),
    },
  }));
}

const COUNTRIES: Record<string, string> = {
  "+3161": "NL",
  "+3247": "BE",
  "+1416": "CA",
  "+1212": "US",
  "+4915": "DE",
};

/** What docs/reference/conditions.md says, in a few lines and no SQL. */
export function meets(person: Person, condition: Condition, now: Date): boolean {
  const recent = (ago: number | null, days: number | undefined) =>
    ago !== null && (days === undefined || ago < days);
  if ("all" in condition) return condition.all.every((part) => meets(person, part, now));
  if ("any" in condition) return condition.any.some((part) => meets(person, part, now));
  if ("not" in condition) return !meets(person, condition.not, now);
  if ("tag" in condition) return person.tags.includes(condition.tag);
  if ("list" in condition) return person.lists.includes(condition.list);
  if ("event" in condition)
    return person.events.some(
      ({ name, days }) => name === condition.event && recent(days, condition.within_days),
    );
  if ("received" in condition)
    return person.got[condition.received] !== undefined && recent(1, condition.within_days);
  if ("opened" in condition)
    return person.got[condition.opened]?.state === "read" && recent(1, condition.within_days);
  if ("replied" in condition) return false;
  if ("replied_within_days" in condition) return recent(person.inboundDays, condition.replied_within_days);
  return meetsField(person, condition, now);
}

function meetsField(person: Person, condition: FieldCondition, now: Date): boolean {
  const { field } = condition;
  const ago = {
    created_at: person.createdDays,
    last_inbound_at: person.inboundDays,
    opted_in_at: person.optedInDays,
  }[field];
  if (condition.op === "within_days" && ago !== undefined) return ago !== null && ago < condition.value;
  const held = ago === undefined ? heldText(person, field) : ago === null ? null : "a time";
  if (condition.op === "ne") return held !== String(condition.value);
  if (condition.op === "exists") return (held !== null) === (condition.value !== false);
  if (held === null) return false;
  switch (condition.op) {
    case "eq":
      return held === String(condition.value);
    case "in":
      return condition.value.includes(held);
    case "contains":
      return held.toLowerCase().includes(condition.value.toLowerCase());
    case "within_days":
      return (
        /^\d{4}-\d\d-\d\d/.test(held) &&
        held.slice(0, 10) >= day(now, condition.value) &&
        held.slice(0, 10) <= day(now, 0)
      );
    default:
      return compare(held, condition.op as "gt", condition.value as string | number);
  }
}

function compare(held: string, op: "gt" | "gte" | "lt" | "lte", value: string | number): boolean {
  if (typeof value === "number" && !/^-?\d+(\.\d+)?$/.test(held)) return false;
  const [left, right] = typeof value === "number" ? [Number(held), value] : [held, value];
  return { gt: left > right, gte: left >= right, lt: left < right, lte: left <= right }[op];
}

function day(now: Date, daysAgo: number): string {
  return new Date(now.getTime() - daysAgo * 86_400_000).toISOString().slice(0, 10);
}

function heldText(person: Person, field: string): string | null {
  if (field === "country") return COUNTRIES[person.phone.slice(0, 5)] ?? null;
  const value = field.startsWith("attributes.")
    ? person.attributes[field.slice(11)]
    : { first_name: person.firstName, email: person.email, language: person.language }[field];
  return value === undefined || value === null ? null : String(value);
}
