import { defineCommand } from "../cli/command.ts";
import { contactListColumns } from "./list-columns.ts";
import { createList } from "./lists.ts";

export default defineCommand<[string], { description?: string; ifNotExists?: boolean }>({
  description: "Makes an empty contact list. `contact import --list` makes its list itself.",
  examples: [
    "adsapp list create klanten",
    'adsapp list create beurs --description "Stand in Utrecht" --if-not-exists',
  ],
  writes: true,
  declare(command) {
    command
      .argument("<name>", "its name")
      .option("--description <text>", "what it is for")
      .option("--if-not-exists", "accept an existing one");
  },
  async run(context, options, name) {
    const { id } = await context.organization();
    const list = await context.operator((tx) =>
      createList(tx, id, name, options.description, options.ifNotExists === true),
    );
    await context.out.record(list, contactListColumns);
  },
});
