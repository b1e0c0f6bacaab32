import { defineCommand } from "../cli/command.ts";
import { ExitCode } from "../errors.ts";
import { dripFindings } from "./findings.ts";
import { namedDefinition } from "./named.ts";

export default defineCommand<[string | undefined], { file?: string }>({
  description:
    "Checks a definition (a file, or a saved drip) by itself and against senders, templates and lists. Changes nothing; ends with 2\nwhen something would keep it from being active.",
  examples: ["adsapp drip validate -f fixtures/lead.yaml", 'adsapp drip validate "Nieuwe Lead Opvolging"'],
  declare(command) {
    command
      .argument("[drip]", "name or id")
      .option("-f, --file <file>", "a definition instead; - reads stdin");
  },
  async run(context, options, name) {
    const definition = await namedDefinition(context, name, options.file);
    const { id } = await context.organization();
    const { errors, warnings } = await context.operator((tx) => dripFindings(tx, id, definition));
    const rows = [
      ...errors.map((message) => ({ level: "error", message })),
      ...warnings.map((message) => ({ level: "warning", message })),
    ];
    await context.out.list(rows, [{ key: "level" }, { key: "message" }], {
      empty: `"${definition.name}" is valid.`,
    });
    return errors.length > 0 ? ExitCode.Usage : ExitCode.Done;
  },
});
