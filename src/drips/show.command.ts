import { defineCommand } from "../cli/command.ts";
import { showDrip } from "./show.ts";
import { detailColumns, funnelColumns, funnelLineOf, sheetColumns, sheetOf } from "./show-columns.ts";

export default defineCommand<[string]>({
  description:
    "A drip with its people by what became of them, and its funnel: for each step of each version how many messages wait, were sent,\ndelivered, read and answered, failed or were skipped, and how many people left there, with the reasons. As JSON: id, name, status,\ntrigger, statistics, byStatus, exitReasons, funnel, and its definition.",
  examples: [
    'adsapp drip show "Nieuwe Lead Opvolging"',
    'adsapp drip show "Nieuwe Lead Opvolging" --format json',
  ],
  declare(command) {
    command.argument("<drip>", "name or id");
  },
  async run(context, _options, name) {
    const { id } = await context.organization();
    const details = await context.operator((tx) => showDrip(tx, id, name));
    if (context.out.format !== "table") return context.out.record(details, detailColumns);
    await context.out.record(sheetOf(details), sheetColumns);
    context.out.print("");
    await context.out.list(details.funnel.map(funnelLineOf), funnelColumns);
  },
});
