import { yamlText } from "../definitions/write.ts";
import { notAllowed } from "../errors.ts";
import { type RuleDefinition, ruleInput } from "./rule-definition.ts";
import type { Rule } from "./rules.ts";

/** A saved rule as its definition again. @throws UserError (1) for one that was written by other means and says nothing that can be done */
export function definitionOf(rule: Rule): RuleDefinition {
  const { name, triggerType, triggerConfig, conditions, actions, enabled } = rule;
  const trigger = { ...triggerConfig, type: triggerType };
  const read = ruleInput.safeParse({
    name,
    trigger,
    ...(conditions === null ? {} : { conditions }),
    actions,
    enabled,
  });
  if (read.success) return read.data;
  const faults = read.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw notAllowed(`rule "${name}" is not one that adsapp can follow: ${faults.join("; ")}`);
}

/** The YAML that makes the same rule (kind: rule). */
export function yamlOf(rule: Rule): Promise<string> {
  const { enabled, ...definition } = definitionOf(rule);
  return yamlText({ kind: "rule", ...definition, ...(enabled === false ? { enabled } : {}) });
}
