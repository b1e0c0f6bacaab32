import { defineCommand } from "../cli/command.ts";
import { showCampaign } from "./show.ts";
import { detailColumns, sheetColumns, sheetOf } from "./show-columns.ts";

export default defineCommand<[string]>({
  description:
    "A broadcast with its counts: messages by what became of them, why people were skipped, what failed, and when it will be\ndone. As JSON: id, name, type, status, statistics, byStatus, scheduling, forecast, and its definition.",
  examples: [
    'adsapp campaign show "Black Friday Sale"',
    'adsapp campaign show "Black Friday Sale" --format json',
  ],
  declare(command) {
    command.argument("<campaign>", "name or id");
  },
  async run(context, _options, name) {
    const { id } = await context.organization();
    const details = await context.operator((tx) => showCampaign(tx, id, name));
    if (context.out.format !== "table") return context.out.record(details, detailColumns);
    await context.out.record(sheetOf(details), sheetColumns);
    if (details.failures.length === 0) return;
    context.out.print("");
    await context.out.list(details.failures, [
      { key: "code", title: "Error" },
      { key: "example", title: "What came back" },
      { key: "count" },
    ]);
  },
});
