import { defineCommand } from "../cli/command.ts";
import { UserError } from "../errors.ts";
import { showColumns } from "./columns.ts";
import { type MessagingLimit, messagingLimit } from "./flags.ts";
import { type Sender, setDisplayPhone, setMessagingLimit } from "./senders.ts";

export default defineCommand<[string], { messagingLimit?: MessagingLimit; displayPhone?: string }>({
  description:
    "Changes the messaging limit of a sender's portfolio, for all senders of the portfolio: how many people Meta lets it message\nin 24 hours. What was sent before counts. And the number\nthat people dial, which links to a chat need (adsapp source qr).",
  examples: [
    "adsapp sender set main --messaging-limit 2000",
    "adsapp sender set main --messaging-limit none",
    "adsapp sender set main --display-phone +31201234567",
  ],
  writes: true,
  declare(command) {
    command
      .argument("<name>", "name or id")
      .option("--messaging-limit <n>", "unique people in 24 hours, or none", messagingLimit)
      .option("--display-phone <phone>", "the number itself, with its country");
  },
  async run(context, options, name) {
    const { messagingLimit: limit, displayPhone } = options;
    if (limit === undefined && displayPhone === undefined)
      throw new UserError("say what to change", { hint: "adsapp sender set --help" });
    const { id } = await context.organization();
    const sender = await context.operator(async (tx) => {
      let changed: Sender | undefined;
      if (displayPhone !== undefined) changed = await setDisplayPhone(tx, id, name, displayPhone);
      if (limit !== undefined)
        changed = await setMessagingLimit(tx, id, name, limit === "none" ? null : limit);
      return changed as Sender;
    });
    await context.out.record(sender, showColumns);
  },
});
