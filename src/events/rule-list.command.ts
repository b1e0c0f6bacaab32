import { defineCommand } from "../cli/command.ts";
import { lineOf, ruleColumns } from "./rule-columns.ts";
import { listRules } from "./rules.ts";

export default defineCommand({
  description:
    "The organization's automation rules: when they act, what they do, and whether they are enabled.",
  examples: ["adsapp rule list", "adsapp rule list --format json"],
  async run(context) {
    const { id } = await context.organization();
    const rules = await context.operator((tx) => listRules(tx, id));
    await context.out.list(rules.map(lineOf), ruleColumns, {
      empty: "No rules. Make one: adsapp rule create -f FILE",
    });
  },
});
