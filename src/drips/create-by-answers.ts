import { loadChoices } from "../campaigns/choices.ts";
import type { Context } from "../cli/context.ts";
import { processTerminal, type Terminal } from "../cli/prompt.ts";
import { questions } from "../cli/questions.ts";
import { askKeeping, keepFile } from "../definitions/keep.ts";
import { checkDefinition } from "../definitions/read.ts";
import { yamlText } from "../definitions/write.ts";
import { type DripDefinition, dripSchema } from "./definition.ts";
import { dripFindings } from "./findings.ts";
import { askDrip } from "./interview.ts";

/**
 * Asks for a drip step by step, shows it and what keeps it from being sent, and saves the YAML where that is wanted. The answers
 * are read as that YAML is.
 * @returns undefined when it is not to be created
 * @throws UserError (2) off a terminal, (130) when it is interrupted: nothing is changed then
 */
export async function dripByAnswers(
  context: Context,
  terminal: Terminal = processTerminal(),
): Promise<DripDefinition | undefined> {
  const ask = questions(terminal, "name the definition with -f FILE", context.stopping);
  const { id } = await context.organization();
  const answers = await askDrip(ask, {
    choices: await context.operator((tx) => loadChoices(tx, id)),
    async isTaken(name) {
      const found = await context.operator((tx) =>
        tx.one("select from drip_campaigns where organization_id = $1 and name = $2", [id, name]),
      );
      return found !== undefined;
    },
  });
  const yaml = await yamlText(answers);
  const { kind: _kind, ...definition } = checkDefinition("the answers", yaml, dripSchema);
  ask.say(`\n${yaml}`);
  const { errors, warnings } = await context.operator((tx) => dripFindings(tx, id, definition));
  for (const fault of [...errors, ...warnings]) ask.say(`Note: ${fault}`);
  const kept = await askKeeping(ask, "drip", definition.name);
  await keepFile(kept, yaml, ask);
  return kept.create ? definition : undefined;
}
