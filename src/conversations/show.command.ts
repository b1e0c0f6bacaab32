import { defineCommand } from "../cli/command.ts";
import { showColumns, threadColumns } from "./columns.ts";
import { findConversation, showConversation } from "./conversations.ts";

export default defineCommand<[string]>({
  description:
    "One conversation: whose it is, where it came from, its times, and the thread: what the person wrote, what agents answered, and the\ncampaign messages around it.",
  examples: [
    'adsapp conversation show "06 12345678"',
    "adsapp conversation show 4f1c0b52-8a0f-4d1b-9a55-0c6a3d0f9d11 --format json",
  ],
  declare(command) {
    command.argument("<conversation>", "its id, or the contact's phone or id");
  },
  async run(context, _options, word) {
    const organization = await context.organization();
    const shown = await context.operator(async (tx) =>
      showConversation(tx, organization.id, (await findConversation(tx, organization, word)).id),
    );
    await context.out.record(shown, showColumns);
    if (context.out.format !== "table") return;
    context.out.print("");
    await context.out.list(shown.messages, threadColumns);
  },
});
