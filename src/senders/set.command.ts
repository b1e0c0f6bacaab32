import { defineCommand } from "../cli/command.ts";
import { UserError } from "../errors.ts";
import { showColumns } from "./columns.ts";
import { type MessagingLimit, messagingLimit, wholeNumber } from "./flags.ts";
import { type Sender, setDisplayPhone, setMessagingLimit, setThroughput } from "./senders.ts";

interface Options {
  messagingLimit?: MessagingLimit;
  throughput?: number;
  displayPhone?: string;
}

export default defineCommand<[string], Options>({
  description:
    "Changes the messaging limit of a sender's portfolio, for all senders of the portfolio: how many people it messages in 24\nhours. What was sent before counts; where Meta tells of a lower one, that counts. Or how many messages a second the sender\nsends: Meta's upgrade of a number raises 80, and no other rate. Or the number that people dial, which links to a chat need\n(adsapp source qr).",
  examples: [
    "adsapp sender set main --messaging-limit 2000",
    "adsapp sender set main --messaging-limit none",
    "adsapp sender set main --throughput 200",
    "adsapp sender set main --display-phone +31201234567",
  ],
  writes: true,
  declare(command) {
    command
      .argument("<name>", "name or id")
      .option("--messaging-limit <n>", "unique people in 24 hours, or none", messagingLimit)
      .option("--throughput <n>", "messages a second", wholeNumber)
      .option("--display-phone <phone>", "the number itself, with its country");
  },
  async run(context, options, name) {
    const { messagingLimit: limit, throughput, displayPhone } = options;
    if (limit === undefined && throughput === undefined && displayPhone === undefined)
      throw new UserError("say what to change", { hint: "adsapp sender set --help" });
    const { id } = await context.organization();
    const sender = await context.operator(async (tx) => {
      let changed: Sender | undefined;
      if (displayPhone !== undefined) changed = await setDisplayPhone(tx, id, name, displayPhone);
      if (throughput !== undefined) changed = await setThroughput(tx, id, name, throughput);
      if (limit !== undefined)
        changed = await setMessagingLimit(tx, id, name, limit === "none" ? null : limit);
      return changed as Sender;
    });
    await context.out.record(sender, showColumns);
  },
});
