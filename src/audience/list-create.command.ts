import { defineCommand } from "../cli/command.ts";
import { contactListColumns } from "../contacts/list-columns.ts";
import { createList } from "../contacts/lists.ts";
import { readFilter } from "./filter.ts";

interface Options {
  description?: string;
  filter?: string;
  ifNotExists?: boolean;
}

export default defineCommand<[string], Options>({
  description:
    "Makes a contact list: an empty one, or, with --filter, a dynamic one that whoever meets the condition is on.\n`contact import --list` makes its list itself. Conditions: docs/reference/conditions.md.",
  examples: [
    'adsapp list create beurs --description "Stand in Utrecht" --if-not-exists',
    `adsapp list create utrecht --filter '{"field":"attributes.city","op":"eq","value":"Utrecht"}'`,
  ],
  writes: true,
  declare(command) {
    command
      .argument("<name>", "its name")
      .option("--description <text>", "what it is for")
      .option("--filter <condition>", "JSON, or a file with it (YAML too); - reads stdin")
      .option("--if-not-exists", "accept an existing one that is alike");
  },
  async run(context, options, name) {
    const filter = options.filter === undefined ? undefined : await readFilter(options.filter);
    const { id } = await context.organization();
    const list = await context.operator((tx) =>
      createList(tx, id, name, options.description, options.ifNotExists === true, filter),
    );
    await context.out.record(list, contactListColumns);
  },
});
