import { defineCommand } from "../cli/command.ts";
import { listAgents } from "./agents.ts";
import { agentColumns } from "./columns.ts";

export default defineCommand({
  description: "Who answers people: since when they are online, and how many conversations are theirs.",
  examples: ["adsapp agent list", "adsapp agent list --format csv"],
  async run(context) {
    const { id } = await context.organization();
    await context.out.list(await context.operator((tx) => listAgents(tx, id)), agentColumns);
  },
});
