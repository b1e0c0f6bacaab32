import { z } from "zod";
import {
  broadcastSchema,
  settingsSchema as broadcastSettings,
  SETTING_DEFAULTS as ofBroadcasts,
} from "../../../src/campaigns/definition.ts";
import {
  dripSchema,
  settingsSchema as dripSettings,
  SETTING_DEFAULTS as ofDrips,
} from "../../../src/drips/definition.ts";
import { ruleSchema } from "../../../src/events/rule-definition.ts";

interface JsonSchema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema | false;
  prefixItems?: JsonSchema[];
  additionalProperties?: JsonSchema | boolean;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
}

const jsonSchema = (schema: z.ZodType) =>
  z.toJSONSchema(schema, { io: "input", unrepresentable: "any", reused: "inline" }) as JsonSchema;

/** What each setting means; the page fails to be written for one that is not here. */
const MEANINGS: Record<string, string> = {
  respectBusinessHours: "only within the organization's business hours",
  quietHours: "nothing between these local times",
  onUnknown: "what becomes of a message of which nobody knows whether it went out ([sending](sending.md))",
  holdMinutes: "how long to wait for evidence of it",
  maxAttempts: "attempts for each message",
  requireOptIn: "marketing only to those who opted in",
  maxLateness: "a tick that finds it later pauses it ([limits](limits.md))",
  canary: "a few first, the rest when that went well ([limits](limits.md))",
  holdout: "so many percent get nothing, to measure by",
  stopOnReply: "whoever answers leaves the drip",
  maxContactsPerDay: "first steps a local day; others begin on the first day with room",
  reentry: "whether somebody who was in it may enter again",
  transactional: "no marketing: an opt-out does not end it",
};

/** Every setting of broadcasts and drips: they share names. */
export function settingsTable(): string {
  const [broadcast, drip] = [broadcastSettings, dripSettings].map(
    (schema) => jsonSchema(schema).properties ?? {},
  );
  const defaults: Record<string, unknown> = { ...ofBroadcasts, ...ofDrips };
  const lines = Object.entries({ ...broadcast, ...drip }).map(([name, schema]) => {
    if (MEANINGS[name] === undefined)
      throw new Error(`say in formats-page.ts what the setting ${name} means`);
    const where = [name in (broadcast ?? {}) && "broadcast", name in (drip ?? {}) && "drip"].filter(Boolean);
    const value = defaults[name] === null ? "none" : `\`${JSON.stringify(defaults[name])}\``;
    return `| \`${name}\` | ${where.join(", ")} | ${typeOf(schema)} | ${value} | ${MEANINGS[name]} |`;
  });
  return ["| setting | of | value | default | |", "|---|---|---|---|---|", ...lines].join("\n");
}

const FORMATS = { broadcast: broadcastSchema, drip: dripSchema, rule: ruleSchema };

/** The fields of a kind of file, one a line, those of a group below it. */
export function fieldsTable(kind: keyof typeof FORMATS): string {
  const lines = fields(jsonSchema(FORMATS[kind]), "").map(
    ([path, type, must]) => `| \`${path}\` | ${type} | ${must} |`,
  );
  return ["| field | value | |", "|---|---|---|", ...lines].join("\n");
}

type Line = [path: string, type: string, must: string];

function fields(schema: JsonSchema, above: string): Line[] {
  const alternatives = (schema.oneOf ?? schema.anyOf ?? []).filter((each) => each.properties !== undefined);
  if (alternatives.length > 1) return ofAlternatives(alternatives, above);
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]): Line[] => {
    const path = above === "" ? name : `${above}.${name}`;
    const must =
      schema.required?.includes(name) === true && field.default === undefined ? "required" : defaultOf(field);
    const line: Line = [path, typeOf(field), must];
    if (name === "settings") return [[path, "see above", ""]];
    const items = field.items === false ? undefined : field.items;
    const inner = items === undefined ? fields(field, path) : fields(items, `${path}[]`);
    return [line, ...inner];
  });
}

/** A field that only some `type`s have says so. */
function ofAlternatives(alternatives: readonly JsonSchema[], above: string): Line[] {
  const wordOf = (each: JsonSchema) => `\`${each.properties?.type?.const}\``;
  const found = new Map<string, { line: Line; words: string[] }>();
  for (const each of alternatives)
    for (const line of fields(each, above)) {
      const [path, type] = line;
      if (path === `${above}.type`) continue;
      const known = found.get(`${path} ${type}`) ?? { line, words: [] };
      found.set(`${path} ${type}`, { ...known, words: [...known.words, wordOf(each)] });
    }
  const lines = [...found.values()].map(({ line: [path, type, must], words }): Line => {
    const of = words.length === alternatives.length ? "" : `of ${words.join(", ")}`;
    return [path, type, [of, must].filter((text) => text !== "").join("; ")];
  });
  if (alternatives.some((each) => each.properties?.type?.const === undefined)) return lines;
  return [[`${above}.type`, alternatives.map(wordOf).join(", "), "required"], ...lines];
}

function defaultOf({ default: value }: JsonSchema): string {
  return value === undefined ? "" : `default \`${JSON.stringify(value)}\``;
}

function typeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum !== undefined) return schema.enum.map((each) => `\`${each}\``).join(", ");
  const any = schema.anyOf ?? schema.oneOf;
  if (any?.some((each) => Object.keys(each).length === 0)) return "time"; // a Date, from the library
  if (any !== undefined) return [...new Set(any.map(typeOf))].join(" or ");
  if (schema.prefixItems !== undefined) return `[${schema.prefixItems.map(typeOf).join(", ")}]`;
  if (schema.type === "array")
    return `list of ${schema.items === undefined || schema.items === false ? "values" : typeOf(schema.items)}`;
  const name = {
    string: "text",
    integer: "whole number",
    number: "number",
    boolean: "true or false",
    object: "group",
  }[schema.type ?? ""];
  return `${name ?? "condition"}${range(schema)}`;
}

/** A whole number's own bounds are no rule of ours. */
function range({ minimum, maximum }: JsonSchema): string {
  const [from, to] = [minimum, maximum].map((bound) =>
    bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER ? "" : bound.toLocaleString("en"),
  );
  return from === "" && to === "" ? "" : from === "" ? ` up to ${to}` : ` ${from} to ${to}`;
}
