import { Argument } from "commander";
import { defineCommand } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import type { Column } from "../cli/output/index.ts";
import { UserError } from "../errors.ts";
import { dismissReviews, openReviews, type Review } from "./review.ts";

const ACTIONS = { list, dismiss };
type Action = keyof typeof ACTIONS;

const columns: Column<Review>[] = [
  { key: "messageId", title: "Message" },
  { key: "receivedAt", title: "Received", as: "time" },
  { key: "phone", as: "phone" },
  { key: "bsuid", table: false },
  { key: "contactId", table: false },
  { key: "firstName" },
  { key: "lastName" },
  { key: "text" },
];

export default defineCommand<[Action, string[]]>({
  description:
    'What people wrote that may be an opt-out ("stop me maar een offerte toe"): a word of no within something longer is not acted upon.\nJudge each: adsapp contact opt-out CONTACT when it is one, dismiss when it is not. An opt-out or opt-in settles the contact\'s.',
  examples: ["adsapp contact review list", "adsapp contact review dismiss wamid.HBgLMzE2MTIzNDU2NzgVAgAS"],
  writes: true,
  declare(command) {
    command
      .addArgument(new Argument("<action>", "what to do").choices(Object.keys(ACTIONS)))
      .argument("[message...]", "to dismiss: ids of messages, as the list has them");
  },
  run: (context, _options, action, messages) => ACTIONS[action](context, messages),
});

async function list(context: Context): Promise<void> {
  const { id } = await context.organization();
  await context.out.list(await context.operator((tx) => openReviews(tx, id)), columns, {
    empty: "Nothing to review.",
  });
}

async function dismiss(context: Context, messages: readonly string[]): Promise<void> {
  if (messages.length === 0)
    throw new UserError("which messages?", { hint: "adsapp contact review dismiss MESSAGE-ID" });
  const { id } = await context.organization();
  await context.out.list(await context.operator((tx) => dismissReviews(tx, id, messages)), columns);
}
