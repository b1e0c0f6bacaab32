import { defineCommand } from "../cli/command.ts";
import { findRule } from "./rules.ts";
import { yamlOf } from "./stored-rule.ts";

export default defineCommand<[string]>({
  description:
    "Prints the YAML that makes the same rule: rule create takes it, and plan finds nothing to change by it.",
  examples: [
    'adsapp rule export "Lead in de drip" > rule.yaml',
    'adsapp rule export "Lead in de drip" --org jansen',
  ],
  declare(command) {
    command.argument("<rule>", "name or id");
  },
  async run(context, _options, nameOrId) {
    const { id } = await context.organization();
    const rule = await context.operator((tx) => findRule(tx, id, nameOrId));
    context.out.print((await yamlOf(rule)).trimEnd());
  },
});
