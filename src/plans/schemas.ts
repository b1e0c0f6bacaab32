import { broadcastSchema } from "../campaigns/definition.ts";
import { configSchema } from "../definitions/config-schema.ts";
import { type JsonSchema, jsonSchemaOf } from "../definitions/json-schema.ts";
import { dripSchema } from "../drips/definition.ts";
import { ruleSchema } from "../events/rule-definition.ts";
import { templateSchema } from "../templates/definition.ts";

const FORMATS = {
  broadcast: { schema: broadcastSchema, title: "A broadcast of adsapp" },
  drip: { schema: dripSchema, title: "A drip of adsapp" },
  rule: { schema: ruleSchema, title: "An automation rule of adsapp" },
  template: { schema: templateSchema, title: "A message template of adsapp" },
  config: { schema: configSchema, title: "adsapp's config.json" },
} as const;

export type FormatName = keyof typeof FORMATS;
export const FORMAT_NAMES = Object.keys(FORMATS) as FormatName[];

/** The JSON Schema of a format (docs/reference/schemas holds them too). */
export function formatSchema(name: FormatName): JsonSchema {
  const { schema, title } = FORMATS[name];
  return jsonSchemaOf(schema, title);
}
