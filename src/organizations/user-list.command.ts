import { defineCommand } from "../cli/command.ts";
import { userColumns } from "./user-columns.ts";
import { listUsers } from "./users.ts";

export default defineCommand({
  description: "The profiles of the organization; cli@SLUG is the command line itself.",
  examples: ["adsapp user list", "adsapp user list --format json"],
  async run(context) {
    const { id } = await context.organization();
    await context.out.list(await context.operator((tx) => listUsers(tx, id)), userColumns);
  },
});
