import { z } from "zod";

export type JsonSchema = Record<string, unknown>;

interface Telling {
  /** what it is instead of `own`, which is what zod makes of it */
  json(own: JsonSchema): JsonSchema;
  /** what a `$ref` in it points to, by name */
  definitions: Readonly<Record<string, () => z.ZodType>>;
}

const tellings = new WeakMap<object, Telling>();

/** A schema that reads more than JSON Schema can see of it (short forms, checks in code), with the words for it. */
export function toldAs<S extends z.ZodType>(
  schema: S,
  json: Telling["json"],
  definitions: Telling["definitions"] = {},
): S {
  tellings.set(schema, { json, definitions });
  return schema;
}

/** A reference to one of `toldAs`' definitions. */
export function refTo(name: string): JsonSchema {
  return { $ref: `#/definitions/${name}` };
}

/**
 * What a file of this schema may hold, for editors: JSON Schema draft 7, which all of them read. It tells structure, names and
 * choices; what goes together, the program itself checks.
 */
export function jsonSchemaOf(schema: z.ZodType, title: string): JsonSchema {
  const needed = new Map<string, z.ZodType>();
  const { $schema, ...own } = converted(schema, needed);
  const definitions: Record<string, JsonSchema> = {};
  for (const [name, of] of needed) {
    const { $schema: _same, ...definition } = converted(of, needed);
    definitions[name] = definition;
  }
  return { $schema, title, ...own, ...(needed.size === 0 ? {} : { definitions }) };
}

function converted(schema: z.ZodType, needed: Map<string, z.ZodType>): JsonSchema {
  return z.toJSONSchema(schema, {
    target: "draft-7",
    io: "input",
    unrepresentable: "any",
    override({ zodSchema, jsonSchema }) {
      const telling = tellings.get(zodSchema);
      if (telling === undefined) return;
      for (const [name, of] of Object.entries(telling.definitions))
        if (!needed.has(name)) needed.set(name, of());
      replace(jsonSchema as JsonSchema, telling.json({ ...(jsonSchema as JsonSchema) }));
    },
  }) as JsonSchema;
}

function replace(old: JsonSchema, fresh: JsonSchema): void {
  for (const key of Object.keys(old)) delete old[key];
  Object.assign(old, fresh);
}
