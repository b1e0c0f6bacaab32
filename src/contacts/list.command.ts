import { defineCommand } from "../cli/command.ts";
import { listColumns } from "./columns.ts";
import { listContacts } from "./contacts.ts";
import { declareFilter, type FilterOptions, filterOf } from "./filter.ts";
import { findContact } from "./find.ts";
import { findList } from "./lists.ts";
import { pageSize } from "./page-size.ts";

interface Options extends FilterOptions {
  tag?: string;
  list?: string;
  optedOut?: boolean;
  blocked?: boolean;
  after?: string;
  limit: number;
}

export default defineCommand<[], Options>({
  description:
    "Contacts, oldest first, a page at a time: --after takes the id of the last one of the page before. Several filters: all must hold.\nErased people are not listed. contact import reads what --format csv writes.",
  examples: [
    "adsapp contact list --tag vip --limit 20",
    "adsapp contact list --country BE --inbound-before 2026-01-01 --attribute woonplaats=Gent --format csv",
  ],
  declare(command) {
    command
      .option("--tag <tag>", "only those with this tag")
      .option("--list <name>", "only those on this list")
      .option("--opted-out", "only those who opted out of marketing")
      .option("--blocked", "only those who are blocked")
      .option("--after <id>", "the page behind this contact")
      .option("--limit <n>", "how many", pageSize, 50);
    declareFilter(command);
  },
  async run(context, options) {
    const organization = await context.organization();
    const filter = await filterOf(options);
    const contacts = await context.operator(async (tx) => {
      const { tag, list, optedOut, blocked, after, limit } = options;
      return listContacts(tx, organization.id, {
        ...filter,
        ...{ tag, optedOut, blocked, limit },
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
