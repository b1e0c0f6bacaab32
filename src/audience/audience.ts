import { z } from "zod";
import { strictObject } from "../definitions/strict.ts";

const names = z.array(z.string().min(1)).min(1);

const exclude = strictObject({
  tags: names.optional(),
  lists: names.optional(),
  contactedWithinDays: z.number().int().min(1).max(3650).optional(),
});

const excluding = { exclude: exclude.optional() };

/** Whom a broadcast is for (design: formats, targetAudience). */
export const audienceSchema = z.discriminatedUnion("type", [
  strictObject({ type: z.literal("all"), ...excluding }),
  strictObject({ type: z.literal("tags"), tags: names, match: z.enum(["any", "all"]).default("any"), ...excluding }),
  strictObject({ type: z.literal("list"), list: z.string().min(1), ...excluding }),
  strictObject({ type: z.literal("contacts"), contacts: names, ...excluding }),
]);

export type TargetAudience = z.infer<typeof audienceSchema>;
