import { defineCommand } from "../cli/command.ts";
import { goOffline } from "./agents.ts";
import { agentColumns } from "./columns.ts";

export default defineCommand<[string?]>({
  description:
    "An agent stops answering, and the time since agent online is counted. Conversations stay theirs. Admins may name another who forgot.",
  examples: ["adsapp agent offline --as anna@jansen.example", "adsapp agent offline bas@jansen.example"],
  writes: true,
  declare(command) {
    command.argument("[email]", "whose (default: one's own)");
  },
  async run(context, _options, email) {
    const { id } = await context.organization();
    await context.out.record(await context.operator((tx) => goOffline(tx, id, email)), agentColumns);
  },
});
