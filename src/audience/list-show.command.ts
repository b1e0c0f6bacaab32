import { defineCommand } from "../cli/command.ts";
import { listColumns } from "../contacts/columns.ts";
import { contactListColumns } from "../contacts/list-columns.ts";
import { findList } from "../contacts/lists.ts";
import { pageSize } from "../contacts/page-size.ts";
import { membersOf } from "./members.ts";

export default defineCommand<[string], { limit: number }>({
  description:
    "A contact list and the first of its members, counted now where it is dynamic; contact list --list NAME pages through them.",
  examples: ["adsapp list show klanten", "adsapp list show klanten --limit 5 --format json"],
  declare(command) {
    command.argument("<name>", "name or id").option("--limit <n>", "how many members to show", pageSize, 10);
  },
  async run(context, options, name) {
    const { id } = await context.organization();
    const found = await context.operator((tx) => findList(tx, id, name));
    const { count, first } = await context.worker((tx) => membersOf(tx, id, found, options.limit));
    const list = { ...found, members: count };
    if (context.out.format !== "table")
      return context.out.record({ ...list, contacts: first }, [
        ...contactListColumns,
        { key: "contacts" },
      ] as never);
    await context.out.record(list, contactListColumns);
    context.out.print("");
    await context.out.list(first, listColumns, { empty: "Nobody is on it." });
  },
});
