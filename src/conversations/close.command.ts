import { defineCommand } from "../cli/command.ts";
import { closeConversation } from "./answer.ts";
import { showColumns } from "./columns.ts";
import { findConversation, showConversation } from "./conversations.ts";
import { sendNow } from "./send-now.ts";

export default defineCommand<[string], { survey?: boolean }>({
  description:
    "Ends a conversation; what the person writes next opens another one. With --survey the person is asked for a figure from 1 to 5, inside\nthe service window; adsapp org set --survey always makes that the rule, and --no-survey the exception.",
  examples: [
    'adsapp conversation close "06 12345678" --survey',
    "adsapp conversation close 4f1c0b52-8a0f-4d1b-9a55-0c6a3d0f9d11",
  ],
  writes: true,
  declare(command) {
    command
      .argument("<conversation>", "its id, or the contact's phone or id")
      .option("--survey", "ask how it was")
      .option("--no-survey", "do not ask");
  },
  async run(context, { survey }, word) {
    const organization = await context.organization();
    const { shown, surveyId, withoutSurvey } = await context.operator(async (tx) => {
      const { id } = await findConversation(tx, organization, word);
      const closed = await closeConversation(tx, organization.id, id, survey);
      return { ...closed, shown: await showConversation(tx, organization.id, id) };
    });
    await context.out.record(shown, showColumns);
    if (withoutSurvey !== null) context.out.warn(`closed without a survey: ${withoutSurvey}`);
    if (surveyId !== null) await sendNow(context, surveyId, "the survey");
  },
});
