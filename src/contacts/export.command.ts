import { defineCommand } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { type DataFormat, documentOf, recordOf } from "../cli/output/data.ts";
import type { Column } from "../cli/output/index.ts";
import { refuseExisting, writePrivateFile } from "../cli/private-file.ts";
import { UserError } from "../errors.ts";
import { listColumns } from "./columns.ts";
import { allContacts } from "./export.ts";
import { findContact } from "./find.ts";
import { exportPerson, type Fact, factsOf, type PersonExport } from "./person.ts";

interface Options {
  all?: boolean;
  to?: string;
  force?: boolean;
}

export default defineCommand<[string?], Options>({
  description:
    "All that is stored about one person, for them to have: what is known, consent with its evidence, messages, campaigns, drips, events,\nimports, and what raw webhook bodies tell of them; as JSON, or a fact a row with --format csv. With --all every contact, as a CSV\nthat contact import reads again. --to writes a file that only you can read.",
  examples: [
    'adsapp contact export "06 12345678" --to persoon.json',
    "adsapp contact export --all --to contacten.csv",
  ],
  declare(command) {
    command
      .argument("[contact]", "phone in any spelling, or id")
      .option("--all", "everyone, but for erased people")
      .option("--to <file>", "write it there, mode 0600")
      .option("--force", "over an existing file");
  },
  async run(context, options, word) {
    if ((word === undefined) === (options.all === undefined))
      throw new UserError("say whom: a phone or id, or --all");
    if (options.to !== undefined) refuseExisting(options.to, options.force === true);
    return word === undefined ? everyone(context, options) : person(context, options, word);
  },
});

async function everyone(context: Context, { to, force }: Options): Promise<void> {
  if (to === undefined && context.out.format === "table")
    throw new UserError("say where: --to FILE, or --format csv for stdout");
  const { id } = await context.organization();
  const pages = allContacts(await context.database(), await context.identity(), id);
  if (to === undefined) return context.out.stream(pages, listColumns);
  await writePrivateFile(to, documentOf(formatOf(context, "csv"), pages, listColumns), force === true);
}

const factColumns: Column<Fact>[] = [{ key: "section" }, { key: "row" }, { key: "field" }, { key: "value" }];

async function person(context: Context, { to, force }: Options, word: string): Promise<void> {
  const organization = await context.organization();
  const all = await context.operator(async (tx) =>
    exportPerson(tx, organization.id, await findContact(tx, organization, word)),
  );
  const text = await textOf(all, formatOf(context, "json"));
  if (to === undefined) context.out.print(text.trimEnd());
  else await writePrivateFile(to, [text], force === true);
}

async function textOf(all: PersonExport, format: DataFormat): Promise<string> {
  if (format !== "csv") return recordOf(format, all, sectionsOf(all));
  const pieces: string[] = [];
  for await (const piece of documentOf(format, [[...factsOf(all)]], factColumns)) pieces.push(piece);
  return pieces.join("");
}

function sectionsOf(person: PersonExport): Column<PersonExport>[] {
  return Object.keys(person).map((key) => ({ key: key as keyof PersonExport }));
}

function formatOf(context: Context, instead: DataFormat): DataFormat {
  const { format } = context.out;
  return format === "table" || format === "html" ? instead : format;
}
