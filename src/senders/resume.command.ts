import { defineCommand } from "../cli/command.ts";
import { showColumns } from "./columns.ts";
import { resumeSender } from "./senders.ts";

export default defineCommand<[string]>({
  description:
    "Lets a halted sender send again. Mend the cause first: its halt reason says what Meta answered.",
  examples: ["adsapp sender resume main", "adsapp sender resume main --format json"],
  writes: true,
  declare(command) {
    command.argument("<name>", "name or id");
  },
  async run(context, _options, name) {
    const { id } = await context.organization();
    await context.out.record(await context.operator((tx) => resumeSender(tx, id, name)), showColumns);
  },
});
