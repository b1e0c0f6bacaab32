import { defineCommand } from "../cli/command.ts";
import { lineOf, ruleColumns } from "./rule-columns.ts";
import { switchRule } from "./rules.ts";

export default defineCommand<[string]>({
  description: "Lets a rule act again, on what happens from now on.",
  examples: ['adsapp rule enable "Lead in de drip"', 'adsapp rule enable "Lead in de drip" --format json'],
  writes: true,
  declare(command) {
    command.argument("<rule>", "name or id");
  },
  async run(context, _options, name) {
    const { id } = await context.organization();
    await context.out.record(
      lineOf(await context.operator((tx) => switchRule(tx, id, name, true))),
      ruleColumns,
    );
  },
});
