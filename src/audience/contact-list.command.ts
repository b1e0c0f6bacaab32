import { defineCommand } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { listColumns } from "../contacts/columns.ts";
import { type ContactPage, listContacts } from "../contacts/contacts.ts";
import { declareFilter, type FilterOptions, filterOf } from "../contacts/filter.ts";
import { findContact } from "../contacts/find.ts";
import { findList } from "../contacts/lists.ts";
import { pageSize } from "../contacts/page-size.ts";
import type { Transaction } from "../db/database.ts";
import { conditionSql, isOnList, type Parameter } from "./compile.ts";
import { listsIn } from "./condition-schema.ts";
import { dynamicLists } from "./dynamic-lists.ts";
import { readCondition } from "./filter.ts";

interface Options extends FilterOptions {
  filter?: string;
  tag?: string;
  list?: string;
  optedOut?: boolean;
  blocked?: boolean;
  after?: string;
  limit: number;
}

export default defineCommand<[], Options>({
  description:
    "Contacts, oldest first, a page at a time: --after takes the id of the last one of the page before. Several filters: all must hold.\nErased people are not listed. contact import reads what --format csv writes. Conditions: docs/reference/conditions.md.",
  examples: [
    "adsapp contact list --tag vip --limit 20",
    "adsapp contact list --country BE --inbound-before 2026-01-01 --attribute woonplaats=Gent --format csv",
    `adsapp contact list --filter '{"all":[{"tag":"leads"},{"not":{"replied_within_days":7}}]}'`,
  ],
  declare(command) {
    command
      .option(
        "--filter <condition>",
        "only those who meet it: JSON, or a file with it (YAML too); - reads stdin",
      )
      .option("--tag <tag>", "only those with this tag")
      .option("--list <name>", "only those on this list")
      .option("--opted-out", "only those who opted out of marketing")
      .option("--blocked", "only those who are blocked")
      .option("--after <id>", "the page behind this contact")
      .option("--limit <n>", "how many", pageSize, 50);
    declareFilter(command);
  },
  async run(context, options) {
    const page = await pageOf(context, options);
    const { id } = await context.organization();
    const list = (tx: Transaction) => listContacts(tx, id, page);
    // below a policy a condition would be asked of each contact in turn; the query names the organization
    const contacts = await (page.meets === undefined ? context.operator(list) : context.worker(list));
    await context.out.list(contacts, listColumns, {
      empty: "No contacts. Import some: adsapp contact import FILE",
    });
    if (contacts.length === options.limit) context.out.say(`More: --after ${contacts.at(-1)?.id}`);
  },
});

/** The flags with their names looked up. @throws UserError (2) for a condition that is none, (4) for a list or contact that is not there */
async function pageOf(context: Context, options: Options): Promise<ContactPage> {
  const { tag, optedOut, blocked, limit } = options;
  const organization = await context.organization();
  const flags = await filterOf(options);
  const condition = options.filter === undefined ? undefined : await readCondition(options.filter);
  return context.operator(async (tx) => {
    const asked = condition === undefined ? [] : listsIn(condition);
    for (const name of asked) await findList(tx, organization.id, name);
    const list = options.list === undefined ? undefined : await findList(tx, organization.id, options.list);
    const dynamic = await dynamicLists(tx, organization.id, [...asked, ...(list ? [list.name] : [])]);
    const conditions: NonNullable<ContactPage["meets"]>[] = [
      ...(condition === undefined
        ? []
        : [(parameter: Parameter) => conditionSql(condition, parameter, dynamic)]),
      ...(list === undefined || list.filter === null
        ? []
        : [(parameter: Parameter) => isOnList([list.name], parameter, dynamic)]),
    ];
    return {
      ...flags,
      ...{ tag, optedOut, blocked, limit },
      list: list?.filter === null ? list.id : undefined,
      after: options.after === undefined ? undefined : await findContact(tx, organization, options.after),
      meets:
        conditions.length === 0
          ? undefined
          : (parameter) => conditions.map((each) => each(parameter)).join(" and "),
    };
  });
}
