import { defineCommand } from "../cli/command.ts";
import { showColumns } from "./columns.ts";
import { findSender } from "./senders.ts";

export default defineCommand<[string]>({
  description: "One sender: where it sends, whether it is halted and why, and which process holds its lane.",
  examples: ["adsapp sender show main", "adsapp sender show main --format json"],
  declare(command) {
    command.argument("<name>", "name or id");
  },
  async run(context, _options, name) {
    const { id } = await context.organization();
    await context.out.record(await context.operator((tx) => findSender(tx, id, name)), showColumns);
  },
});
