import { defineCommand } from "../cli/command.ts";
import { UserError } from "../errors.ts";
import { showColumns } from "./columns.ts";
import { type MessagingLimit, messagingLimit } from "./flags.ts";
import { setMessagingLimit } from "./senders.ts";

export default defineCommand<[string], { messagingLimit?: MessagingLimit }>({
  description:
    "Changes the messaging limit of a sender's portfolio, for all senders of the portfolio: how many people Meta lets it message\nin 24 hours. What was sent before counts.",
  examples: [
    "adsapp sender set main --messaging-limit 2000",
    "adsapp sender set main --messaging-limit none",
  ],
  writes: true,
  declare(command) {
    command
      .argument("<name>", "name or id")
      .option("--messaging-limit <n>", "unique people in 24 hours, or none", messagingLimit);
  },
  async run(context, options, name) {
    const { messagingLimit: limit } = options;
    if (limit === undefined) throw new UserError("say what to change", { hint: "adsapp sender set --help" });
    const { id } = await context.organization();
    const sender = await context.operator((tx) =>
      setMessagingLimit(tx, id, name, limit === "none" ? null : limit),
    );
    await context.out.record(sender, showColumns);
  },
});
