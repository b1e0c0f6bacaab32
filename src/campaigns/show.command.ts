import { defineCommand } from "../cli/command.ts";
import { showCampaign } from "./show.ts";
import { detailColumns, sheetColumns, sheetOf } from "./show-columns.ts";
import { watchCampaign } from "./watch.ts";

export default defineCommand<[string], { watch?: boolean }>({
  description:
    "A broadcast with its counts: messages by what became of them, why people were skipped, what failed, and when it will be\ndone. As JSON: id, name, type, status, statistics, byStatus, scheduling, forecast, and its definition.\n--watch shows it live until it is done or interrupted: in place on a terminal; elsewhere a line for each change (text or NDJSON).",
  examples: [
    'adsapp campaign show "Black Friday Sale"',
    'adsapp campaign show "Black Friday Sale" --format json',
    'adsapp campaign show "Black Friday Sale" --watch',
  ],
  declare(command) {
    command.argument("<campaign>", "name or id").option("--watch", "live, until it is done or interrupted");
  },
  async run(context, options, name) {
    const { id } = await context.organization();
    if (options.watch === true) {
      const read = () => context.operator((tx) => showCampaign(tx, id, name));
      return watchCampaign(read, context.out, context.stopping);
    }
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
