import { z } from "zod";
import { strictObject } from "../definitions/strict.ts";
import { conditionSchema } from "./condition-schema.ts";

const name = z.string().trim().min(1, "is empty");
const names = z.array(name).min(1, "names nobody");

const exclude = strictObject({
  tags: names.optional(),
  lists: names.optional(),
  contactedWithinDays: z.number().int().min(1).max(3650).optional(),
});

const excluding = { exclude: exclude.optional() };

/** Whom a broadcast is for (design: formats, targetAudience). `contacts` are phones or ids. */
export const audienceSchema = z.discriminatedUnion("type", [
  strictObject({ type: z.literal("all"), ...excluding }),
  strictObject({
    type: z.literal("tags"),
    tags: names,
    match: z.enum(["any", "all"]).default("any"),
    ...excluding,
  }),
  strictObject({ type: z.literal("list"), list: name, ...excluding }),
  strictObject({ type: z.literal("segment"), where: conditionSchema, ...excluding }),
  strictObject({ type: z.literal("contacts"), contacts: names, ...excluding }),
]);

export type TargetAudience = z.infer<typeof audienceSchema>;
