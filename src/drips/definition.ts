import { z } from "zod";
import { conditionSchema } from "../audience/condition-schema.ts";
import { toldAs } from "../definitions/json-schema.ts";
import { definitionName, SHARED_DEFAULTS, sharedSettings } from "../definitions/settings.ts";
import { strictObject, timeOfDay } from "../definitions/strict.ts";
import { DRIP_TRIGGERS, dripTriggers } from "../definitions/triggers.ts";
import { messageSchema } from "../templates/message-schema.ts";

/** `trigger: manual` is short for `{ type: manual }`. */
const trigger = toldAs(
  z.preprocess(
    (given: string | z.input<typeof dripTriggers>) =>
      typeof given === "string" && DRIP_TRIGGERS.includes(given) ? { type: given } : given,
    dripTriggers,
  ),
  (own) => ({ anyOf: [{ enum: DRIP_TRIGGERS }, own] }),
);

/** What may be set; a file's own are kept, the others are SETTING_DEFAULTS' (design: formats). */
export const settingsSchema = strictObject({
  ...sharedSettings,
  stopOnReply: z.boolean().optional().describe("whoever answers leaves the drip"),
  maxContactsPerDay: z
    .number()
    .int()
    .min(1)
    .max(10_000_000)
    .optional()
    .describe("first steps a local day; whoever comes above it begins on the first day with room"),
  reentry: z
    .union(
      [
        z.enum(["never", "after_completion"]),
        strictObject({ after_days: z.number().int().min(1).max(3650) }),
      ],
      "write never, after_completion or { after_days: 90 }",
    )
    .optional()
    .describe("whether somebody who was in the drip may enter it again"),
  transactional: z
    .boolean()
    .optional()
    .describe("not marketing: opt-outs do not end it, unless a template is of category MARKETING"),
});

export const SETTING_DEFAULTS = {
  ...SHARED_DEFAULTS,
  stopOnReply: true,
  maxContactsPerDay: null,
  reentry: "never",
  transactional: false,
} as const;

const UNITS = { m: "minutes", h: "hours", d: "days", w: "weeks" } as const;
const MINUTES = { minutes: 1, hours: 60, days: 1440, weeks: 10_080 };
const LONGEST_MINUTES = 3650 * MINUTES.days;

const delayGroup = strictObject({
  type: z.enum(["minutes", "hours", "days", "weeks"]),
  value: z.number().int().min(0),
});

/** `2d` is short for `{ type: days, value: 2 }`. */
export const delay = z
  .preprocess((given: string | number | z.input<typeof delayGroup>, context) => {
    if (typeof given !== "string" && typeof given !== "number") return given;
    const [, value, unit] = /^(\d{1,7})([mhdw])$/.exec(String(given)) ?? [];
    if (unit !== undefined) return { type: UNITS[unit as keyof typeof UNITS], value: Number(value) };
    context.addIssue({ code: "custom", message: "write a delay such as 10m, 3h, 2d or 1w" });
    return z.NEVER;
  }, delayGroup)
  .refine(({ type, value }) => value * MINUTES[type] <= LONGEST_MINUTES, "is longer than ten years");
toldAs(delay, (own) => ({ anyOf: [{ type: "string", pattern: "^[0-9]{1,7}[mhdw]$" }, own] }));

const step = strictObject({
  /** from the moment the step before was sent, or was over without */
  delay,
  sendAt: timeOfDay.optional(),
  when: conditionSchema.optional().describe("whoever does not meet it skips this step"),
  message: messageSchema,
});

const fields = {
  name: definitionName,
  sender: z.string().trim().min(1).optional(),
  trigger: trigger.default({ type: "manual" }),
  settings: settingsSchema.default({}),
  exitWhen: z
    .array(conditionSchema)
    .max(50)
    .default([])
    .describe("whoever meets one of them leaves the drip"),
  steps: z.array(step).min(1, "there is no step").max(100),
};

/** A drip as a file holds it (design: formats). */
export const dripSchema = strictObject({ kind: z.literal("drip"), ...fields });

/** The same from the library: without `kind`. */
export const dripInput = strictObject(fields);

export type DripDefinition = z.infer<typeof dripInput>;
export type DripInput = z.input<typeof dripInput>;
export type StepDefinition = DripDefinition["steps"][number];
export type DripTrigger = DripDefinition["trigger"];

/** The settings of a drip with the defaults of those that it does not name. */
export function settingsOf({ settings }: Pick<DripDefinition, "settings">) {
  return { ...SETTING_DEFAULTS, ...settings };
}
