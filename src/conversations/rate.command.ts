import { InvalidArgumentError } from "commander";
import { defineCommand } from "../cli/command.ts";
import { rateConversation } from "./answer.ts";
import { showColumns } from "./columns.ts";
import { findConversation, showConversation } from "./conversations.ts";

export default defineCommand<[string, number], { comment?: string }>({
  description:
    "Writes down how satisfied a person was, told in another way than by the survey. Once; a person's own answer to the survey replaces it.",
  examples: [
    'adsapp conversation rate "06 12345678" 5',
    'adsapp conversation rate "06 12345678" 2 --comment "waited two days"',
  ],
  writes: true,
  declare(command) {
    command
      .argument("<conversation>", "its id, or the contact's phone or id")
      .argument("<score>", "from 1 (bad) to 5 (good)", score)
      .option("--comment <text>", "what the person said");
  },
  async run(context, { comment }, word, given) {
    const organization = await context.organization();
    const shown = await context.operator(async (tx) => {
      const { id } = await findConversation(tx, organization, word);
      await rateConversation(tx, organization.id, id, given, comment);
      return showConversation(tx, organization.id, id);
    });
    await context.out.record(shown, showColumns);
  },
});

function score(text: string): number {
  if (!/^[1-5]$/.test(text)) throw new InvalidArgumentError("It must be from 1 to 5.");
  return Number(text);
}
