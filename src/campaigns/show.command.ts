import { defineCommand } from "../cli/command.ts";
import { showCampaign } from "./show.ts";

export default defineCommand<[string]>({
  description: "A broadcast with its statistics, its messages by status, why people were skipped and what failed.",
  examples: ['adsapp campaign show "Black Friday Sale"', 'adsapp campaign show "Black Friday Sale" --format json'],
  declare(command) {
    command.argument("<campaign>", "name or id");
  },
  async run(context, _options, name) {
    const { id } = await context.organization();
    const details = await context.operator((tx) => showCampaign(tx, id, name));
    await context.out.record(details, [
      { key: "id" }, { key: "name" }, { key: "type" }, { key: "status" }, { key: "pauseReason", title: "Paused because" }, { key: "sender" },
      { key: "statistics" }, { key: "byStatus" }, { key: "held", title: "Unknown, held" }, { key: "skipReasons", title: "Skipped" }, { key: "scheduling" },
      { key: "scheduledAt", as: "time" }, { key: "startedAt", as: "time" }, { key: "completedAt", as: "time" }, { key: "forecast" },
      { key: "targetAudience", table: false }, { key: "message", table: false }, { key: "rateLimiting", table: false }, { key: "settings", table: false },
      { key: "failures", table: false },
    ]);
    if (context.out.format !== "table" || details.failures.length === 0) return;
    context.out.print("");
    await context.out.list(details.failures, [{ key: "code", title: "Error" }, { key: "example", title: "What Meta said" }, { key: "count" }]);
  },
});
