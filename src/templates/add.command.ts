import { defineCommand } from "../cli/command.ts";
import { readDefinition } from "../definitions/read.ts";
import { templateColumns } from "./columns.ts";
import { templateSchema } from "./definition.ts";
import { saveTemplate } from "./templates.ts";

export default defineCommand<[], { file: string }>({
  description:
    "Adds a message template from a YAML file, or replaces the one of that name and language. For log senders, for tests, and to check a\ndefinition before Meta has approved it.",
  examples: [
    "adsapp template add -f fixtures/template-black-friday.yaml",
    "adsapp template add -f - < welcome.yaml",
  ],
  writes: true,
  declare(command) {
    command.requiredOption("-f, --file <file>", "the definition (kind: template); - reads stdin");
  },
  async run(context, options) {
    const definition = await readDefinition(options.file, templateSchema);
    const { id } = await context.organization();
    await context.out.record(
      await context.operator((tx) => saveTemplate(tx, id, definition)),
      templateColumns,
    );
  },
});
