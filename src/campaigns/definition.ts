import { z } from "zod";
import { audienceSchema } from "../audience/audience.ts";
import { definitionName, SHARED_DEFAULTS, sharedSettings } from "../definitions/settings.ts";
import { duration, pointInTime, strictObject } from "../definitions/strict.ts";
import { isTimezone } from "../organizations/create.ts";
import { messageSchema } from "../templates/message-schema.ts";
import { cronFault } from "./cron.ts";
import { type Variant, variantsSchema, withMessages } from "./variants.ts";

const timezone = z.string().refine(isTimezone, "write a time zone such as Europe/Amsterdam");

const CONTACT = "contact";

const scheduling = strictObject({
  type: z.enum(["immediate", "scheduled", "recurring"]).default("immediate"),
  scheduledAt: pointInTime
    .optional()
    .describe("local to `timezone` (the organization's without one) when it carries no offset"),
  timezone: z
    .union([z.literal(CONTACT), timezone], "write a time zone such as Europe/Amsterdam, or contact")
    .optional()
    .describe("IANA, such as Europe/Amsterdam; contact: each at that local time"),
  cron: z
    .string()
    .superRefine((text, context) => {
      const message = cronFault(text);
      if (message !== undefined) context.addIssue({ code: "custom", message });
    })
    .optional()
    .describe("when it recurs, in `timezone`"),
  endsAt: pointInTime.optional().describe("no occurrence is planned after it"),
  sendBefore: pointInTime.optional().describe("who was not sent anything by then is skipped: expired"),
}).superRefine((value, context) => {
  for (const { field, message } of schedulingFaults(value))
    context.addIssue({ code: "custom", message, path: [field] });
});

interface Scheduling {
  type: "immediate" | "scheduled" | "recurring";
  scheduledAt?: string | undefined;
  timezone?: string | undefined;
  cron?: string | undefined;
  endsAt?: string | undefined;
  sendBefore?: string | undefined;
}

const hasOffset = (time: unknown) => /(Z|[+-]\d{2}:?\d{2})$/.test(String(time ?? ""));

/** What does not go together. */
function schedulingFaults(value: Scheduling): { field: string; message: string }[] {
  const { type, scheduledAt, timezone: zone, cron, endsAt, sendBefore } = value;
  const has = (field: keyof Scheduling) => value[field] !== undefined;
  const faults = [
    [type === "scheduled" && !has("scheduledAt"), "type", "a scheduled broadcast needs scheduledAt"],
    [
      type === "immediate" && has("scheduledAt"),
      "scheduledAt",
      "an immediate broadcast has no time; write type: scheduled",
    ],
    [
      type === "recurring" && !has("cron"),
      "type",
      'a recurring broadcast needs cron, such as "0 10 * * MON"',
    ],
    [
      type === "recurring" && scheduledAt !== undefined,
      "scheduledAt",
      "a recurring broadcast goes by its cron",
    ],
    [
      type === "recurring" && sendBefore !== undefined,
      "sendBefore",
      "sendBefore goes with one time; a recurring broadcast has settings.maxLateness",
    ],
    [type !== "recurring" && cron !== undefined, "cron", "cron goes with type: recurring"],
    [type !== "recurring" && endsAt !== undefined, "endsAt", "endsAt goes with type: recurring"],
    [
      zone === CONTACT && type === "immediate",
      "timezone",
      "timezone: contact goes with type: scheduled, or recurring",
    ],
    [zone === CONTACT && hasOffset(scheduledAt), "scheduledAt", "a contact's local time has no offset"],
    [
      zone === CONTACT && type === "recurring" && hasOffset(endsAt),
      "endsAt",
      "a contact's local time has no offset",
    ],
  ] as const;
  return faults.flatMap(([isFault, field, message]) => (isFault ? [{ field, message }] : []));
}

const rateLimiting = strictObject({
  enabled: z.boolean().default(true),
  messagesPerHour: z.number().int().min(1).max(3_600_000).optional().describe("in any rolling 60 minutes"),
}).superRefine(({ enabled, messagesPerHour }, context) => {
  if (enabled && messagesPerHour === undefined)
    context.addIssue({ code: "custom", message: "say messagesPerHour, or enabled: false" });
});

/** What may be set; a file's own are kept, the others are SETTING_DEFAULTS' (design: sending). */
export const settingsSchema = strictObject({
  ...sharedSettings,
  maxLateness: duration.optional().describe("a tick that finds the campaign later than this pauses it"),
  /** a few first; the rest `wait` (10m) later, when no more than that share of them (0.1) failed: judgeCanaries */
  canary: strictObject({
    messages: z.number().int().min(1).max(1_000_000),
    maxFailureRate: z.number().min(0).max(1).optional(),
    wait: duration.optional(),
  }).optional(),
  holdout: z
    .number()
    .min(0)
    .max(90)
    .optional()
    .describe("so many percent of the audience get nothing, to measure by: skipped, holdout"),
});

export const SETTING_DEFAULTS = {
  ...SHARED_DEFAULTS,
  maxLateness: "12h",
  canary: null,
  holdout: null,
} as const;

const fields = {
  name: definitionName,
  type: z.enum(["promotional", "transactional", "notification", "survey"]).default("promotional"),
  sender: z.string().trim().min(1).optional(),
  targetAudience: audienceSchema,
  message: messageSchema,
  scheduling: scheduling.default({ type: "immediate" }),
  rateLimiting: rateLimiting.default({ enabled: false }),
  settings: settingsSchema.default({}),
  variants: variantsSchema.optional(),
};

type Read = z.infer<z.ZodObject<typeof fields>>;

/** The whole messages of the variants, which a file gives by what differs. */
function whole<D extends Read>(
  { variants, ...definition }: D,
  context: z.RefinementCtx,
): Omit<D, "variants"> & { variants?: Variant[] } {
  return variants === undefined
    ? definition
    : { ...definition, variants: withMessages(variants, definition.message, context) };
}

/** A broadcast as a file holds it (design: formats). */
export const broadcastSchema = strictObject({ kind: z.literal("broadcast"), ...fields }).transform(whole);

/** The same from the library: without `kind`, and with times as Date (the source document's createCampaign). */
export const broadcastInput = strictObject(fields).transform(whole);

export type BroadcastDefinition = Omit<Read, "variants"> & { variants?: Variant[] };
export type BroadcastInput = z.input<typeof broadcastInput>;

/** The settings of a broadcast with the defaults of those that it does not name. */
export function settingsOf({ settings }: Pick<BroadcastDefinition, "settings">) {
  return { ...SETTING_DEFAULTS, ...settings };
}
