import { defineCommand } from "../cli/command.ts";
import { namedDefinition } from "./named.ts";
import { previewCampaign } from "./preview.ts";
import { previewColumns, previewSheetColumns, previewSheetOf, sampleColumns } from "./preview-columns.ts";

export default defineCommand<[string | undefined], { file?: string }>({
  description:
    "Whom a broadcast would reach now: the audience by reason, three messages as they would be read, and when the sending\nwould be done. Changes nothing. As JSON: name, targets, willBeSent, skipped (by reason), samples, forecast, errors, warnings.",
  examples: [
    'adsapp campaign preview "Black Friday Sale"',
    "adsapp campaign preview -f black-friday.yaml --format json",
  ],
  declare(command) {
    command
      .argument("[campaign]", "name or id")
      .option("-f, --file <file>", "a definition instead; - reads stdin");
  },
  async run(context, options, name) {
    const definition = await namedDefinition(context, name, options.file);
    const preview = await previewCampaign(
      context.operator,
      context.worker,
      await context.organization(),
      definition,
    );
    for (const text of [...preview.errors, ...preview.warnings]) context.out.warn(text);
    if (context.out.format !== "table") return context.out.record(preview, previewColumns);
    await context.out.record(previewSheetOf(preview), previewSheetColumns);
    if (preview.samples.length === 0) return;
    context.out.print("");
    await context.out.list(preview.samples, sampleColumns);
  },
});
