import { defineCommand } from "../cli/command.ts";
import { readText } from "../definitions/text.ts";
import { reply } from "./answer.ts";
import { showColumns } from "./columns.ts";
import { findConversation, showConversation } from "./conversations.ts";

export default defineCommand<[string, string]>({
  description:
    "Answers a person with free text, which Meta takes within 24 hours of what the person wrote last: the service window. Later only a\ntemplate gets through. A conversation that is nobody's becomes yours. Blocked contacts get nothing.",
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
    const shown = await context.operator(async (tx) => {
      const { id } = await findConversation(tx, organization, word);
      const messageId = await reply(tx, id, text);
      return { ...(await showConversation(tx, organization.id, id)), messageId };
    });
    await context.out.record(shown, [...showColumns, { key: "messageId", title: "Message" }]);
    context.out.say("Written; the next adsapp tick sends it before anything else.");
  },
});
