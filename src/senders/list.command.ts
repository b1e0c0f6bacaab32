import { defineCommand } from "../cli/command.ts";
import { listColumns } from "./columns.ts";
import { listSenders } from "./senders.ts";

export default defineCommand({
  description: "The organization's WhatsApp numbers and whether they send.",
  examples: ["adsapp sender list", "adsapp sender list --format json"],
  async run(context) {
    const { id } = await context.organization();
    await context.out.list(await context.operator((tx) => listSenders(tx, id)), listColumns, {
      empty: "No sender yet. Add one: adsapp sender add NAME",
    });
  },
});
