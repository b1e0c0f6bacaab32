import { defineCommand } from "../cli/command.ts";
import { detailColumns } from "./columns.ts";
import { listOrganizations } from "./settings.ts";

export default defineCommand({
  description: "Every organization of this database.",
  examples: ["adsapp org list", "adsapp org list --format csv"],
  scope: "all",
  async run(context) {
    await context.out.list(await context.worker(listOrganizations), detailColumns, {
      empty: "No organization yet. Make one: adsapp org create NAME",
    });
  },
});
