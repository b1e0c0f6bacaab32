import { Option } from "commander";
import { defineCommand } from "../cli/command.ts";
import { lineOf, listColumns } from "./columns.ts";
import { DRIP_STATUSES, type DripStatus } from "./drip.ts";
import { listDrips } from "./find.ts";

export default defineCommand<[], { status?: DripStatus }>({
  description: "The organization's drips with their counts, newest first.",
  examples: ["adsapp drip list", "adsapp drip list --status active --format json"],
  declare(command) {
    command.addOption(new Option("--status <status>", "only those").choices(DRIP_STATUSES));
  },
  async run(context, options) {
    const { id } = await context.organization();
    const drips = await context.operator((tx) => listDrips(tx, id, options.status));
    await context.out.list(drips.map(lineOf), listColumns, {
      empty: "No drips. Make one: adsapp drip create -f FILE",
    });
  },
});
