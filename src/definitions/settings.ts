import { z } from "zod";
import { timeOfDay } from "./strict.ts";

/** What broadcasts and drips are called. */
export const definitionName = z.string().trim().min(1, "is empty").max(200);

/** Settings that broadcasts and drips share: one name, one meaning, one default (design: formats). */
export const sharedSettings = {
  respectBusinessHours: z.boolean().optional().describe("keep to the organization's business hours"),
  quietHours: z
    .tuple([timeOfDay, timeOfDay])
    .refine(([from, to]) => from !== to, "they are the same; leave them out")
    .optional()
    .describe("nothing between these local times; they may lie on both sides of midnight"),
  onUnknown: z
    .enum(["retry", "hold"])
    .optional()
    .describe("what becomes of a message of which nobody knows whether it went out"),
  holdMinutes: z.number().int().min(1).max(1440).optional().describe("how long to wait for evidence of it"),
  maxAttempts: z.number().int().min(1).max(10).optional().describe("attempts for each message"),
  requireOptIn: z.boolean().optional().describe("marketing only to those who opted in"),
};

export const SHARED_DEFAULTS = {
  respectBusinessHours: false,
  quietHours: null,
  onUnknown: "retry",
  holdMinutes: 10,
  maxAttempts: 3,
  requireOptIn: false,
} as const;
