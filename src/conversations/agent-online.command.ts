import { defineCommand } from "../cli/command.ts";
import { goOnline } from "./agents.ts";
import { agentColumns } from "./columns.ts";

export default defineCommand({
  description:
    "The acting profile begins to answer people: the time until agent offline is counted as time online. Doing it twice changes nothing.",
  examples: ["adsapp agent online --as anna@jansen.example", "adsapp agent online --format json"],
  writes: true,
  async run(context) {
    const { id } = await context.organization();
    await context.out.record(await context.operator((tx) => goOnline(tx, id)), agentColumns);
  },
});
