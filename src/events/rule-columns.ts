import type { Column } from "../cli/output/index.ts";
import { triggerWords } from "../definitions/triggers.ts";
import type { Rule } from "./rules.ts";

/** The list's rows say in a word what sets a rule off and what it does. */
export interface RuleLine extends Rule {
  when: string;
  does: string;
}

export function lineOf(rule: Rule): RuleLine {
  const when = triggerWords({ ...rule.triggerConfig, type: rule.triggerType });
  return { ...rule, when, does: rule.actions.map(inWords).join(", ") };
}

function inWords(action: unknown): string {
  const { type, campaign, campaign_id, tag, agent, event } = (action ?? {}) as Record<string, unknown>;
  const what = campaign ?? campaign_id ?? tag ?? agent ?? event;
  return [type, what].filter((part) => typeof part === "string").join(" ");
}

export const ruleColumns: Column<RuleLine>[] = [
  { key: "id", table: false },
  { key: "name" },
  { key: "when" },
  { key: "does" },
  { key: "enabled" },
  { key: "triggerType", table: false },
  { key: "triggerConfig", table: false },
  { key: "conditions", table: false },
  { key: "actions", table: false },
  { key: "createdAt", as: "time", table: false },
];
