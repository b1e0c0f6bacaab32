import { defineCommand } from "../cli/command.ts";
import { readText } from "../definitions/text.ts";
import { reply } from "./answer.ts";
import { showColumns } from "./columns.ts";
import { findConversation, showConversation } from "./conversations.ts";
import { sendNow } from "./send-now.ts";

export default defineCommand<[string, string]>({
  description:
    "Answers a person with free text, which Meta takes within 24 hours of what the person wrote last: the service window. Later only a\ntemplate gets through. It is sent at once, before\nanything else that waits. A conversation that is nobody's becomes yours. Blocked contacts get nothing.",
  examples: [
    'adsapp conversation reply "06 12345678" "Ja, morgen om tien uur staat het klaar."',
    'adsapp conversation reply "06 12345678" - < answer.txt',
  ],
  writes: true,
  declare(command) {
    command
      .argument("<conversation>", "its id, or the contact's phone or id")
      .argument("<text>", "1 to 4096 characters; - reads it from stdin");
  },
  async run(context, _options, word, given) {
    const text = given === "-" ? (await readText("-")).trimEnd() : given;
    const organization = await context.organization();
    const { id, messageId } = await context.operator(async (tx) => {
      const found = await findConversation(tx, organization, word);
      return { id: found.id, messageId: await reply(tx, found.id, text) };
    });
    const exitCode = await sendNow(context, messageId, "the answer");
    const shown = await context.operator((tx) => showConversation(tx, organization.id, id));
    await context.out.record({ ...shown, messageId }, [
      ...showColumns,
      { key: "messageId", title: "Message" },
    ]);
    return exitCode;
  },
});
