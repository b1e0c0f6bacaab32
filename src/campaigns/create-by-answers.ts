import { withReadPhones } from "../audience/phones.ts";
import type { Context } from "../cli/context.ts";
import { processTerminal, type Terminal } from "../cli/prompt.ts";
import { questions } from "../cli/questions.ts";
import { askKeeping, keepFile } from "../definitions/keep.ts";
import { checkDefinition } from "../definitions/read.ts";
import { yamlText } from "../definitions/write.ts";
import { loadChoices } from "./choices.ts";
import { type BroadcastDefinition, broadcastInput, broadcastSchema } from "./definition.ts";
import { askBroadcast, type Ground } from "./interview.ts";
import { previewCampaign } from "./preview.ts";
import { previewSheetColumns, previewSheetOf } from "./preview-columns.ts";
import { reachOf } from "./reach.ts";

/**
 * Asks for a broadcast step by step, shows it and what it would do, and saves the YAML where that is wanted. The answers are
 * read as that YAML is.
 * @returns undefined when it is not to be created
 * @throws UserError (2) off a terminal, (130) when it is interrupted: nothing is changed then
 */
export async function broadcastByAnswers(
  context: Context,
  terminal: Terminal = processTerminal(),
): Promise<BroadcastDefinition | undefined> {
  const ask = questions(terminal, "name the definition with -f FILE", context.stopping);
  const answers = await askBroadcast(ask, await groundOf(context));
  const yaml = await yamlText(answers);
  const { kind: _kind, ...read } = checkDefinition("the answers", yaml, broadcastSchema);
  const organization = await context.organization();
  const targetAudience = await withReadPhones(read.targetAudience, organization.defaultCountry);
  const definition = { ...read, targetAudience };
  ask.say(`\n${yaml}`);
  const preview = await previewCampaign(context.operator, context.worker, organization, definition);
  ask.say(await context.out.lines(previewSheetOf(preview), previewSheetColumns));
  for (const { to, text } of preview.samples) if (text !== null) ask.say(`\nTo ${to}:\n${text}`);
  for (const fault of [...preview.errors, ...preview.warnings]) ask.say(`Note: ${fault}`);
  const kept = await askKeeping(ask, "campaign", definition.name);
  await keepFile(kept, yaml, ask);
  return kept.create ? definition : undefined;
}

async function groundOf(context: Context): Promise<Ground> {
  const { id, timezone, defaultCountry } = await context.organization();
  return {
    choices: await context.operator((tx) => loadChoices(tx, id)),
    timezone,
    async isTaken(name) {
      const found = await context.operator((tx) =>
        tx.one("select from bulk_campaigns where organization_id = $1 and name = $2", [id, name]),
      );
      return found !== undefined;
    },
    async reach(fields) {
      // which message it is comes later: a template's category and the service window narrow it only then
      const message = { type: "template", template: "to be chosen" };
      const definition = broadcastInput.parse({ ...fields, message }) as BroadcastDefinition;
      const targetAudience = await withReadPhones(definition.targetAudience, defaultCountry);
      const unknown = { template: null, variantTemplates: [], provider: null };
      return context.worker((tx) => reachOf(tx, id, { ...definition, targetAudience }, unknown));
    },
  };
}
