import { yamlText } from "../definitions/write.ts";
import { notAllowed } from "../errors.ts";
import { type DripDefinition, dripInput, type StepDefinition } from "./definition.ts";
import type { Drip } from "./drip.ts";

/** A saved drip as its definition again. @throws UserError (1) for one that was written by other means and says nothing that can be sent */
export function definitionOf(drip: Drip): DripDefinition {
  const { name, trigger, settings, exitWhen, steps, sender } = drip;
  const stored = { name, trigger, settings, exitWhen, steps, ...(sender === null ? {} : { sender }) };
  const read = dripInput.safeParse(stored);
  if (read.success) return read.data;
  const faults = read.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw notAllowed(`drip "${name}" is not one that adsapp can send: ${faults.join("; ")}`);
}

/** The YAML that makes the same drip (kind: drip); defaults are left out. */
export function yamlOf(drip: Drip): Promise<string> {
  return yamlOfDefinition(definitionOf(drip));
}

/** The same of a definition that is not saved. */
export function yamlOfDefinition({
  settings,
  exitWhen,
  steps,
  ...definition
}: DripDefinition): Promise<string> {
  return yamlText({
    kind: "drip",
    ...definition,
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
    ...(exitWhen.length === 0 ? {} : { exitWhen }),
    steps: steps.map(withShortDelay),
  });
}

/** `2d` instead of `{ type: days, value: 2 }` */
function withShortDelay({ delay, ...step }: StepDefinition): object {
  return { delay: `${delay.value}${delay.type.charAt(0)}`, ...step };
}
