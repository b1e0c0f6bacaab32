import { defineCommand } from "../cli/command.ts";
import { listColumns } from "./columns.ts";
import { listContacts } from "./contacts.ts";
import { contactListColumns } from "./list-columns.ts";
import { findList } from "./lists.ts";
import { pageSize } from "./page-size.ts";

export default defineCommand<[string], { limit: number }>({
  description: "A contact list and the first of its members; contact list --list NAME pages through all.",
  examples: ["adsapp list show klanten", "adsapp list show klanten --limit 5 --format json"],
  declare(command) {
    command.argument("<name>", "name or id").option("--limit <n>", "how many members to show", pageSize, 10);
  },
  async run(context, options, name) {
    const { id } = await context.organization();
    const { list, members } = await context.operator(async (tx) => {
      const found = await findList(tx, id, name);
      return { list: found, members: await listContacts(tx, id, { list: found.id, limit: options.limit }) };
    });
    if (context.out.format !== "table")
      return context.out.record({ ...list, contacts: members }, [
        ...contactListColumns,
        { key: "contacts" },
      ] as never);
    await context.out.record(list, contactListColumns);
    context.out.print("");
    await context.out.list(members, listColumns, { empty: "Nobody is on it." });
  },
});
