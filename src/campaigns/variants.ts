import { z } from "zod";
import { toldAs } from "../definitions/json-schema.ts";
import { strictObject } from "../definitions/strict.ts";
import { MESSAGE_FIELDS, type MessageDefinition, messageSchema } from "../templates/message-schema.ts";

/** One arm of an A/B test, with the whole message that its share of the audience gets. */
export interface Variant {
  name: string;
  /** its share is weight of all weights */
  weight: number;
  message: MessageDefinition;
}

/** Read together with the campaign's message (withMessages). */
const partOfMessage = toldAs(z.record(z.string(), z.unknown()), (own) => ({
  ...own,
  propertyNames: { enum: MESSAGE_FIELDS },
}));

const variant = strictObject({
  name: z.string().trim().min(1, "is empty").max(50),
  weight: z.number().positive().max(1_000_000),
  message: partOfMessage
    .optional()
    .describe("what differs from the campaign's message; with a type of its own, the whole one"),
});

/** Two to ten arms (design: formats, variants). */
export const variantsSchema = z
  .array(variant)
  .min(2, "an A/B test has two variants at least")
  .max(10)
  .superRefine((variants, context) => {
    variants.forEach(({ name }, n) => {
      if (variants.findIndex((each) => each.name === name) < n)
        context.addIssue({ code: "custom", message: `${name} is there twice`, path: [n, "name"] });
    });
  });

/** Each variant with its whole message; the faults of those that are none, at their places below `variants`. */
export function withMessages(
  variants: z.infer<typeof variantsSchema>,
  message: MessageDefinition,
  context: z.RefinementCtx,
): Variant[] {
  return variants.map(({ message: given = {}, ...rest }, n) => {
    const read = messageSchema.safeParse("type" in given ? given : { ...message, ...given });
    if (read.success) return { ...rest, message: read.data };
    for (const issue of read.error.issues)
      context.issues.push({
        ...issue,
        path: ["variants", n, "message", ...issue.path],
        input: given,
      } as z.core.$ZodRawIssue);
    return { ...rest, message };
  });
}
