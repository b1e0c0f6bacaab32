import { loadChoices } from "../campaigns/choices.ts";
import type { Context } from "../cli/context.ts";
import { localTime } from "../cli/output/times.ts";
import { processTerminal, type Terminal } from "../cli/prompt.ts";
import { type Questions, questions } from "../cli/questions.ts";
import { askKeeping, keepFile } from "../definitions/keep.ts";
import { checkDefinition } from "../definitions/read.ts";
import { yamlText } from "../definitions/write.ts";
import { type DripDefinition, dripSchema } from "./definition.ts";
import { dripFindings } from "./findings.ts";
import { askDrip } from "./interview.ts";
import { previewContact } from "./preview-contact.ts";

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
  if (errors.length === 0) await showTimetable(context, ask, definition);
  for (const fault of [...errors, ...warnings]) ask.say(`Note: ${fault}`);
  const kept = await askKeeping(ask, "drip", definition.name);
  await keepFile(kept, yaml, ask);
  return kept.create ? definition : undefined;
}

/** What one of the contacts would get, were it to enter now: the timetable of drip preview. */
async function showTimetable(context: Context, ask: Questions, definition: DripDefinition): Promise<void> {
  const organization = await context.organization();
  const someone = await context.operator((tx) =>
    tx.one<{ id: string; phone: string }>(
      `select c.id, c.phone from contacts c where c.organization_id = $1 and adsapp_contact_gate(c, true, false) is null
        order by c.created_at, c.id limit 1`,
      [organization.id],
    ),
  );
  if (someone === undefined) return;
  const rehearsal = {
    database: await context.database(),
    identity: await context.identity(),
    organization,
  };
  const { steps } = await previewContact(rehearsal, { definition }, someone.id);
  ask.say(`${someone.phone}, were it to enter now:`);
  for (const { at, outcome, text, reason } of steps)
    ask.say(
      `${localTime(at, organization.timezone, false)}  ${outcome === "sent" ? text : `${outcome}: ${reason}`}`,
    );
}
