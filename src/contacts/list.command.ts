import { defineCommand } from "../cli/command.ts";
import { listColumns } from "./columns.ts";
import { listContacts } from "./contacts.ts";
import { findContact } from "./find.ts";
import { findList } from "./lists.ts";
import { pageSize } from "./page-size.ts";

interface Options {
  tag?: string;
  list?: string;
  optedOut?: boolean;
  after?: string;
  limit: number;
}

export default defineCommand<[], Options>({
  description:
    "Contacts, oldest first, a page at a time: --after takes the id of the last one of the page before.",
  examples: ["adsapp contact list --tag vip --limit 20", "adsapp contact list --opted-out --format csv"],
  declare(command) {
    command
      .option("--tag <tag>", "only those with this tag")
      .option("--list <name>", "only those on this list")
      .option("--opted-out", "only those who opted out of marketing")
      .option("--after <id>", "the page behind this contact")
      .option("--limit <n>", "how many", pageSize, 50);
  },
  async run(context, options) {
    const organization = await context.organization();
    const contacts = await context.operator(async (tx) => {
      const { list, after } = options;
      return listContacts(tx, organization.id, {
        ...options,
        list: list === undefined ? undefined : (await findList(tx, organization.id, list)).id,
        after: after === undefined ? undefined : await findContact(tx, organization, after),
      });
    });
    await context.out.list(contacts, listColumns, {
      empty: "No contacts. Import some: adsapp contact import FILE",
    });
    if (contacts.length === options.limit) context.out.say(`More: --after ${contacts.at(-1)?.id}`);
  },
});
