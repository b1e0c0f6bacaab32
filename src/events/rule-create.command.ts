import { defineCommand } from "../cli/command.ts";
import { readDefinition } from "../definitions/read.ts";
import { lineOf, ruleColumns } from "./rule-columns.ts";
import { ruleSchema } from "./rule-definition.ts";
import { saveRule, strangeNames } from "./rules.ts";

export default defineCommand<[], { file: string; ifNotExists?: boolean }>({
  description:
    "Saves an automation rule from a YAML file: what happens to a contact, on which conditions, and what is then done. It acts at once,\nwith the next tick, on what happens from now on; `enabled: false` in the file keeps it asleep.",
  examples: ["adsapp rule create -f rule.yaml", "adsapp rule create -f - --if-not-exists < rule.yaml"],
  writes: true,
  declare(command) {
    command
      .requiredOption("-f, --file <file>", "the definition (kind: rule); - reads stdin")
      .option("--if-not-exists", "accept an existing one that is alike");
  },
  async run(context, options) {
    const { kind: _kind, ...definition } = await readDefinition(options.file, ruleSchema);
    const { id } = await context.organization();
    const { rule, strange } = await context.operator(async (tx) => ({
      rule: await saveRule(tx, id, definition, options.ifNotExists === true),
      strange: await strangeNames(tx, id, definition),
    }));
    for (const text of strange) context.out.warn(text);
    await context.out.record(lineOf(rule), ruleColumns);
  },
});
