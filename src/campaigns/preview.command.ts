import { defineCommand } from "../cli/command.ts";
import { namedDefinition } from "./named.ts";
import { previewCampaign } from "./preview.ts";
import {
  costColumns,
  previewColumns,
  previewSheetColumns,
  previewSheetOf,
  pricedSheetOf,
  sampleColumns,
} from "./preview-columns.ts";
import { readRates } from "./rates.ts";

export default defineCommand<[string | undefined], { file?: string; rates?: string }>({
  description:
    "Whom a broadcast would reach now: the audience by reason, three messages as they would be read, and when the sending\nwould be done (by pace, limits, hours and the sender's other campaigns); with a rate card, what it would cost. Changes nothing. As JSON:\nname, contacts, notInTarget, excluded, targets, willBeSent, skipped (by reason), samples, forecast, cost, errors, warnings.",
  examples: [
    'adsapp campaign preview "Black Friday Sale"',
    "adsapp campaign preview -f black-friday.yaml --rates rates.csv --format json",
  ],
  declare(command) {
    command
      .argument("[campaign]", "name or id")
      .option("-f, --file <file>", "a definition instead; - reads stdin")
      .option("--rates <file>", "a rate card (CSV: country, category, price, currency)");
  },
  async run(context, options, name) {
    const definition = await namedDefinition(context, name, options.file);
    const rates = options.rates === undefined ? undefined : await readRates(options.rates);
    const preview = await previewCampaign(
      context.operator,
      context.worker,
      await context.organization(),
      definition,
      rates,
    );
    for (const text of [...preview.errors, ...preview.warnings]) context.out.warn(text);
    if (context.out.format !== "table") return context.out.record(preview, previewColumns);
    await context.out.record(previewSheetOf(preview), previewSheetColumns);
    if (preview.samples.length > 0) {
      context.out.print("");
      await context.out.list(preview.samples, sampleColumns);
    }
    if (preview.cost === null || preview.cost.lines.length === 0) return;
    context.out.print("");
    await context.out.list(preview.cost.lines.map(pricedSheetOf), costColumns);
  },
});
