import type { z } from "zod";
import { checkInput } from "../definitions/read.ts";
import { ruleInput } from "../events/rule-definition.ts";
import { listRules, type Rule, saveRule, strangeNames, switchRule } from "../events/rules.ts";
import { Engine } from "./acting.ts";

/** A rule as a file holds it, without `kind`. */
export type RuleInput = z.input<typeof ruleInput>;

/** The same as the columns of `automation_rules` have it, which is how the source document writes one. */
export interface RuleRow extends Omit<RuleInput, "trigger"> {
  trigger_type: RuleInput["trigger"]["type"];
  /** what the trigger listens to: `{ tag }` of tag_added, `{ event, where }` of custom_event */
  trigger_config?: Record<string, unknown>;
}

export interface CreatedRule extends Rule {
  /** drips and agents that it names and nobody knows yet */
  warnings: string[];
}

/**
 * What is to be done when something happens to a contact, such as `enroll_drip_campaign`. Ticks act on what happened. Every
 * method is what a command does (`adsapp rule …`), under Row Level Security; errors are those of BulkMessagingEngine.
 *
 * ```ts
 * await new AutomationRules(await openDatabase()).createRule("jansen", {
 *   name: "Lead in de drip",
 *   trigger: { type: "tag_added", tag: "leads" },
 *   actions: [{ type: "enroll_drip_campaign", campaign_id: drip.id }],
 * });
 * ```
 */
export class AutomationRules extends Engine {
  /** Saves a rule; it acts from now on, unless `enabled` is false. @param organization id or slug */
  async createRule(organization: string, input: RuleInput | RuleRow): Promise<CreatedRule> {
    const acting = await this.in(organization);
    const { id } = acting.organization;
    const definition = checkInput("createRule", "trigger_type" in input ? fromRow(input) : input, ruleInput);
    return this.change(acting, async (tx) => ({
      ...(await saveRule(tx, id, definition)),
      warnings: await strangeNames(tx, id, definition),
    }));
  }

  async listRules(organization: string): Promise<Rule[]> {
    const acting = await this.in(organization);
    return this.read(acting, (tx) => listRules(tx, acting.organization.id));
  }

  /** @param rule name or id @param enabled whether it acts */
  async switchRule(organization: string, rule: string, enabled: boolean): Promise<Rule> {
    const acting = await this.in(organization);
    return this.change(acting, (tx) => switchRule(tx, acting.organization.id, rule, enabled));
  }
}

function fromRow({ trigger_type: type, trigger_config: config = {}, ...rest }: RuleRow): object {
  return { ...rest, trigger: { ...config, type } };
}
