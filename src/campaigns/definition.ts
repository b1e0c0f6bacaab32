import { z } from "zod";
import { audienceSchema } from "../audience/audience.ts";
import { definitionName, SHARED_DEFAULTS, sharedSettings } from "../definitions/settings.ts";
import { duration, pointInTime, strictObject } from "../definitions/strict.ts";
import { isTimezone } from "../organizations/create.ts";
import { messageSchema } from "../templates/message-schema.ts";

const timezone = z.string().refine(isTimezone, "write a time zone such as Europe/Amsterdam");

const scheduling = strictObject({
  type: z.enum(["immediate", "scheduled"]).default("immediate"),
  /** local to `timezone` (the organization's without one) when it carries no offset */
  scheduledAt: pointInTime.optional(),
  timezone: timezone.optional(),
  /** who was not sent anything by then is skipped: expired */
  sendBefore: pointInTime.optional(),
}).superRefine(({ type, scheduledAt }, context) => {
  const fault = (message: string) =>
    context.addIssue({
      code: "custom",
      message,
      path: scheduledAt === undefined ? ["type"] : ["scheduledAt"],
    });
  if (type === "scheduled" && scheduledAt === undefined) fault("a scheduled broadcast needs scheduledAt");
  if (type === "immediate" && scheduledAt !== undefined)
    fault("an immediate broadcast has no time; write type: scheduled");
});

const rateLimiting = strictObject({
  enabled: z.boolean().default(true),
  /** in any rolling 60 minutes */
  messagesPerHour: z.number().int().min(1).max(3_600_000).optional(),
}).superRefine(({ enabled, messagesPerHour }, context) => {
  if (enabled && messagesPerHour === undefined)
    context.addIssue({ code: "custom", message: "say messagesPerHour, or enabled: false" });
});

/** What may be set; a file's own are kept, the others are SETTING_DEFAULTS' (design: sending). */
export const settingsSchema = strictObject({
  ...sharedSettings,
  /** a tick that finds the campaign later than this pauses it */
  maxLateness: duration.optional(),
  /** a few first; the rest `wait` (10m) later, when no more than that share of them (0.1) failed: judgeCanaries */
  canary: strictObject({
    messages: z.number().int().min(1).max(1_000_000),
    maxFailureRate: z.number().min(0).max(1).optional(),
    wait: duration.optional(),
  }).optional(),
});

export const SETTING_DEFAULTS = { ...SHARED_DEFAULTS, maxLateness: "12h", canary: null } as const;

const fields = {
  name: definitionName,
  type: z.enum(["promotional", "transactional", "notification", "survey"]).default("promotional"),
  sender: z.string().trim().min(1).optional(),
  targetAudience: audienceSchema,
  message: messageSchema,
  scheduling: scheduling.default({ type: "immediate" }),
  rateLimiting: rateLimiting.default({ enabled: false }),
  settings: settingsSchema.default({}),
};

/** A broadcast as a file holds it (design: formats). */
export const broadcastSchema = strictObject({ kind: z.literal("broadcast"), ...fields });

/** The same from the library: without `kind`, and with times as Date (the source document's createCampaign). */
export const broadcastInput = strictObject(fields);

export type BroadcastDefinition = z.infer<typeof broadcastInput>;
export type BroadcastInput = z.input<typeof broadcastInput>;

/** The settings of a broadcast with the defaults of those that it does not name. */
export function settingsOf({ settings }: Pick<BroadcastDefinition, "settings">) {
  return { ...SETTING_DEFAULTS, ...settings };
}
