import { z } from "zod";
import { conditionSchema } from "../audience/condition-schema.ts";
import { definitionName } from "../definitions/settings.ts";
import { strictObject } from "../definitions/strict.ts";
import { eventName, ruleTriggers, tagName } from "../definitions/triggers.ts";
import { MOST_ACTIONS } from "./action.ts";

const data = z.record(z.string(), z.unknown());

const enroll = strictObject({
  type: z.literal("enroll_drip_campaign"),
  campaign: z.string().trim().min(1, "is empty").max(200).optional().describe("the drip's name"),
  campaign_id: z.uuid("write the drip's id, or its name as campaign").optional(),
  skipIfAlreadyEnrolled: z.boolean().default(true),
}).superRefine(({ campaign, campaign_id }, context) => {
  if ((campaign === undefined) === (campaign_id === undefined))
    context.addIssue({ code: "custom", message: "name one drip: campaign, or campaign_id" });
});

const action = z.discriminatedUnion("type", [
  enroll,
  strictObject({ type: z.literal("add_tag"), tag: tagName }),
  strictObject({ type: z.literal("remove_tag"), tag: tagName }),
  strictObject({
    type: z.literal("assign"),
    /** an e-mail */
    agent: z
      .string()
      .trim()
      .regex(/^[^\s@]+@[^\s@]+$/, "write the agent's e-mail"),
  }),
  strictObject({ type: z.literal("emit_event"), event: eventName, data: data.optional() }),
]);

const fields = {
  name: definitionName,
  trigger: ruleTriggers,
  conditions: conditionSchema.optional().describe("whom it is for; everyone when left out"),
  actions: z.array(action).min(1, "there is nothing to do").max(MOST_ACTIONS),
  enabled: z
    .boolean()
    .optional()
    .describe("left out: a new rule acts, and one that is there stays as it was switched"),
};

/** A rule as a file holds it (design: formats). */
export const ruleSchema = strictObject({ kind: z.literal("rule"), ...fields });

/** The same from the library, and as the database has it: without `kind`. */
export const ruleInput = strictObject(fields);

export type RuleDefinition = z.output<typeof ruleInput>;
