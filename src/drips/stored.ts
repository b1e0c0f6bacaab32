import { notAllowed } from "../errors.ts";
import { type DripDefinition, dripInput } from "./definition.ts";
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
