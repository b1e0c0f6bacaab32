import { defineCommand } from "../cli/command.ts";
import { contactListColumns } from "./list-columns.ts";
import { listLists } from "./lists.ts";

export default defineCommand({
  description: "The organization's contact lists and how many are on each.",
  examples: ["adsapp list list", "adsapp list list --format csv"],
  async run(context) {
    const { id } = await context.organization();
    await context.out.list(await context.operator((tx) => listLists(tx, id)), contactListColumns, {
      empty: "No lists yet.",
    });
  },
});
