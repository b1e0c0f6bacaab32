import { Option } from "commander";
import { defineCommand } from "../cli/command.ts";
import { emitEvent } from "./emit.ts";
import { TOLD_TYPES, type ToldType } from "./event.ts";

interface Options {
  contact: string[];
  data?: string;
  eventId?: string;
  type: ToldType;
}

export default defineCommand<[string], Options>({
  description:
    "Tells what a contact did. Drips and rules whose trigger names the event act on it with the next tick; segments and exits count it.",
  examples: [
    'adsapp event emit purchased --contact "06 12345678" --data \'{"total": 25}\' --event-id order-1017',
    "adsapp event emit start --type api --contact +31612345678 +31687654321",
  ],
  writes: true,
  declare(command) {
    command
      .argument("<name>", "the event's name")
      .requiredOption("--contact <contact...>", "phones in any spelling, business-scoped user ids, or ids")
      .option("--data <json>", "what triggers may look at: a JSON object")
      .option("--event-id <id>", "your own id of it: the same one again changes nothing")
      .addOption(
        new Option("--type <type>", "which triggers hear it").choices(TOLD_TYPES).default("custom_event"),
      );
  },
  async run(context, { contact, ...options }, name) {
    const organization = await context.organization();
    const emitted = await context.operator((tx) =>
      emitEvent(tx, organization, name, { contacts: contact, ...options }),
    );
    if (emitted.duplicates > 0) context.out.say("That event id was known already; nothing was changed.");
    await context.out.record(emitted, [{ key: "stored" }, { key: "duplicates" }]);
  },
});
