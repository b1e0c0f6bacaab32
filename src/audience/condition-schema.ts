import { z } from "zod";
import { nearest } from "../cli/near.ts";
import { refTo, toldAs } from "../definitions/json-schema.ts";
import { type KnownFields, strictObject } from "../definitions/strict.ts";

/** What a contact meets or not; adsapp_meets (migrations/025) and conditionSql decide it (design: formats, segment and drip). */
export type Condition =
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition }
  | { tag: string }
  | { list: string }
  | { event: string; within_days?: number | undefined }
  | { replied_within_days: number }
  | { received: string; within_days?: number | undefined }
  | { opened: string; within_days?: number | undefined }
  | { replied: string; within_days?: number | undefined }
  | FieldCondition;

export type FieldCondition = z.infer<typeof fieldCondition>;

const DEEPEST = 10;
const MOST_PARTS = 200;

/** Points in time: what within_days can count from. */
const TIMES = [
  "created_at",
  "updated_at",
  "opted_in_at",
  "opted_out_at",
  "blocked_at",
  "last_inbound_at",
] as const;

const FIELDS: readonly string[] = [
  "first_name",
  "last_name",
  "phone",
  "bsuid",
  "email",
  "language",
  "timezone",
  "opt_in_source",
  "opt_out_source",
  "country",
  ...TIMES,
];

const word = z.string().trim().min(1, "is empty").max(200);
const days = z.number().int().min(1).max(3650);

const namedField = (names: readonly string[]) => () => ({
  anyOf: [{ enum: names }, { type: "string", pattern: "^attributes\\.." }],
});

const anyField = z.string().superRefine((name, context) => {
  if (FIELDS.includes(name) || /^attributes\../.test(name)) return;
  const [near] = nearest(name, FIELDS, 1);
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  const message = `a contact has no field "${name}" (its own are attributes.NAME)${hint}`;
  context.addIssue({ code: "custom", message });
});

const field = toldAs(anyField, namedField(FIELDS));

const timeField = z.string().superRefine((name, context) => {
  if ((TIMES as readonly string[]).includes(name) || /^attributes\../.test(name)) return;
  const message = `within_days goes with ${TIMES.join(", ")} and attributes.NAME that are dates`;
  context.addIssue({ code: "custom", message });
});
toldAs(timeField, namedField(TIMES));

const text = z.string().max(1000);
const single = z.union([text, z.number(), z.boolean()], "write text, a number, true or false");

const fieldCondition = z.discriminatedUnion("op", [
  strictObject({ field, op: z.enum(["eq", "ne"]), value: single }),
  strictObject({
    field,
    op: z.literal("in"),
    value: z.array(single.transform(String)).min(1, "names nothing").max(1000),
  }),
  strictObject({ field, op: z.literal("contains"), value: text.min(1, "is empty") }),
  strictObject({ field, op: z.literal("exists"), value: z.boolean().optional() }),
  strictObject({
    field,
    op: z.enum(["gt", "gte", "lt", "lte"]),
    value: z.union([z.number(), text], "write a number or text"),
  }),
  strictObject({ field: timeField, op: z.literal("within_days"), value: days }),
]);

/** `nl` would silently be nobody. */
const fieldWithKnownCountry = fieldCondition.superRefine((condition, context) => {
  if (condition.field !== "country" || condition.op === "exists") return;
  const countries = [condition.value].flat().map(String);
  if (!["eq", "ne", "in"].includes(condition.op) || countries.some((each) => !/^[A-Z]{2}$/.test(each)))
    context.addIssue({
      code: "custom",
      message: "a country is eq, ne or in two letters such as NL",
      path: ["value"],
    });
});

const part: z.ZodType<Condition> = z.lazy(() => z.unknown().transform(readPart));
toldAs(part, () => refTo("condition"), { condition: () => z.union(Object.values(KINDS)) });
const parts = z.array(part).min(1, "is empty");

/** The kinds of condition, by the field that tells them apart. */
const KINDS: Record<string, z.ZodType<Condition>> = {
  all: strictObject({ all: parts }),
  any: strictObject({ any: parts }),
  not: strictObject({ not: part }),
  tag: strictObject({ tag: word }),
  list: strictObject({ list: word }),
  event: strictObject({ event: word, within_days: days.optional() }),
  replied_within_days: strictObject({ replied_within_days: days }),
  received: strictObject({ received: word, within_days: days.optional() }),
  opened: strictObject({ opened: word, within_days: days.optional() }),
  replied: strictObject({ replied: word, within_days: days.optional() }),
  field: fieldWithKnownCountry,
};

/** A union would answer for whichever kind has the fewest faults; the field that is there says which one was meant. */
function readPart(value: unknown, context: z.RefinementCtx): Condition {
  const kind = kindOf(value, context);
  if (kind === undefined) return z.NEVER;
  const read = kind.safeParse(value);
  if (read.success) return read.data;
  for (const issue of read.error.issues)
    context.issues.push({ ...issue, path: [...issue.path], input: value } as z.core.$ZodRawIssue);
  return z.NEVER;
}

function kindOf(value: unknown, context: z.RefinementCtx): z.ZodType<Condition> | undefined {
  const keys = isGroup(value) ? Object.keys(value) : [];
  const kinds = keys.filter((key) => Object.hasOwn(KINDS, key));
  if (kinds.length === 1) return KINDS[kinds[0] as string];
  if (keys.length > 0 && kinds.length === 0) {
    const known: KnownFields = { known: Object.keys(KINDS) };
    context.issues.push({ code: "unrecognized_keys", keys, input: value, ...known } as z.core.$ZodRawIssue);
    return undefined;
  }
  const message =
    keys.length === 0
      ? "write a condition such as { tag: leads }"
      : `${kinds.join(" and ")} are conditions of their own: put them into all or any`;
  context.addIssue({ code: "custom", message });
  return undefined;
}

/** One condition, of at most so many parts and levels: each contact is held against each of them. */
export const conditionSchema = z
  .unknown()
  .superRefine((value, context) => {
    let count = 0;
    for (const level of levelsOf(value)) {
      if (++count > MOST_PARTS || level > DEEPEST) {
        const message =
          level > DEEPEST
            ? `is nested deeper than ${DEEPEST} levels`
            : `has more than ${MOST_PARTS} conditions in it`;
        return context.addIssue({ code: "custom", message });
      }
    }
  })
  .pipe(part);

toldAs(conditionSchema, () => refTo("condition"), { condition: () => z.union(Object.values(KINDS)) });

function* levelsOf(value: unknown, level = 1): Generator<number> {
  yield level;
  if (level > DEEPEST || !isGroup(value)) return;
  for (const inner of [value.all, value.any, value.not].flat())
    if (inner !== undefined) yield* levelsOf(inner, level + 1);
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a condition asks for by name, however deep. */
export interface NamesIn {
  tags: string[];
  lists: string[];
  /** broadcasts or drips */
  campaigns: string[];
}

export function namesIn(condition: Condition): NamesIn {
  if ("all" in condition) return united(condition.all.map(namesIn));
  if ("any" in condition) return united(condition.any.map(namesIn));
  if ("not" in condition) return namesIn(condition.not);
  return {
    tags: "tag" in condition ? [condition.tag] : [],
    lists: "list" in condition ? [condition.list] : [],
    campaigns: ["received", "opened", "replied"].flatMap(
      (word) => ((condition as Record<string, unknown>)[word] as string) ?? [],
    ),
  };
}

function united(names: readonly NamesIn[]): NamesIn {
  return {
    tags: names.flatMap(({ tags }) => tags),
    lists: names.flatMap(({ lists }) => lists),
    campaigns: names.flatMap(({ campaigns }) => campaigns),
  };
}

/** The lists that a condition asks for, however deep. */
export function listsIn(condition: Condition): string[] {
  return namesIn(condition).lists;
}
