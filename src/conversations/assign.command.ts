import { defineCommand } from "../cli/command.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import { findAgent } from "./agents.ts";
import { assignConversation } from "./answer.ts";
import { showColumns } from "./columns.ts";
import { findConversation, showConversation } from "./conversations.ts";

export default defineCommand<[string, string?]>({
  description: "Gives a conversation to an agent; without an e-mail to the acting profile.",
  examples: [
    'adsapp conversation assign "06 12345678" anna@jansen.example',
    'adsapp conversation assign "06 12345678" --as anna@jansen.example',
  ],
  writes: true,
  declare(command) {
    command
      .argument("<conversation>", "its id, or the contact's phone or id")
      .argument("[email]", "the agent's (default: oneself)");
  },
  async run(context, _options, word, email) {
    const organization = await context.organization();
    const shown = await context.operator(async (tx) => {
      await refuseViewer(tx);
      const { id } = await findConversation(tx, organization, word);
      await assignConversation(tx, organization.id, id, await findAgent(tx, organization.id, email));
      return showConversation(tx, organization.id, id);
    });
    await context.out.record(shown, showColumns);
  },
});
