import { z } from "zod";
import { audienceSchema } from "../audience/audience.ts";
import { duration, durationSeconds, pointInTime, strictObject, timeOfDay } from "../definitions/strict.ts";
import { isTimezone } from "../organizations/create.ts";
import { messageSchema } from "../templates/message-schema.ts";

const timezone = z.string().refine(isTimezone, "is not a time zone such as Europe/Amsterdam");

const scheduling = strictObject({
  type: z.enum(["immediate", "scheduled"]).default("immediate"),
  scheduledAt: pointInTime.optional(),
  timezone: timezone.optional(),
  sendBefore: pointInTime.optional(),
}).superRefine((value, context) => {
  if (value.type === "scheduled" && value.scheduledAt === undefined) context.addIssue({ code: "custom", message: "a scheduled broadcast needs scheduledAt", path: ["scheduledAt"] });
  if (value.type === "immediate" && value.scheduledAt !== undefined) context.addIssue({ code: "custom", message: "an immediate broadcast has no scheduledAt; write type: scheduled", path: ["scheduledAt"] });
});

const rateLimiting = strictObject({
  enabled: z.boolean().default(true),
  messagesPerHour: z.number().int().min(1).max(3_600_000).optional(),
}).superRefine((value, context) => {
  if (value.enabled && value.messagesPerHour === undefined) context.addIssue({ code: "custom", message: "say messagesPerHour, or enabled: false", path: ["messagesPerHour"] });
});

/** Every setting of a broadcast with its default (design: sending). */
export const settingsSchema = strictObject({
  /** keep to the organization's business hours */
  respectBusinessHours: z.boolean().optional(),
  /** nothing between these local times */
  quietHours: z.tuple([timeOfDay, timeOfDay]).optional(),
  /** what to do when nobody knows whether a message went out */
  onUnknown: z.enum(["retry", "hold"]).optional(),
  /** how long to wait for evidence */
  holdMinutes: z.number().int().min(1).max(1440).optional(),
  /** a tick that finds the campaign later than this pauses it */
  maxLateness: duration.refine((text) => (durationSeconds(text) ?? 0) > 0, "must be more than 0").optional(),
  /** attempts for each person */
  maxAttempts: z.number().int().min(1).max(10).optional(),
  /** marketing only to those who opted in */
  requireOptIn: z.boolean().optional(),
});

export const SETTING_DEFAULTS = {
  respectBusinessHours: false,
  quietHours: null,
  onUnknown: "retry",
  holdMinutes: 10,
  maxLateness: "12h",
  maxAttempts: 3,
  requireOptIn: false,
} as const;

const fields = {
  name: z.string().trim().min(1).max(200),
  type: z.enum(["promotional", "transactional", "notification", "survey"]).default("promotional"),
  sender: z.string().min(1).optional(),
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
