import { defineCommand } from "../cli/command.ts";
import { templateColumns } from "./columns.ts";
import { listTemplates } from "./templates.ts";

export default defineCommand({
  description: "The organization's message templates, by name and language.",
  examples: ["adsapp template list", "adsapp template list --format json"],
  async run(context) {
    const { id } = await context.organization();
    await context.out.list(await context.operator((tx) => listTemplates(tx, id)), templateColumns, {
      empty: "No templates yet: adsapp template sync, or adsapp template add -f FILE",
    });
  },
});
