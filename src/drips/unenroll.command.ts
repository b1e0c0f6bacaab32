import { defineCommand } from "../cli/command.ts";
import { confirm } from "../cli/confirm.ts";
import { selectContacts } from "../contacts/find.ts";
import { tellUnknown } from "../contacts/people-file.ts";
import { ExitCode } from "../errors.ts";
import { unenrollContacts } from "./enroll.ts";
import { findDrip } from "./find.ts";
import { declarePeople, type PeopleOptions, peopleOf } from "./people.ts";

export default defineCommand<[string], PeopleOptions>({
  description:
    "Takes contacts out of a drip: what waits for them is skipped. Whoever is not in it stays as they are. Asks first where a tag, a list or a\nfile says whom; ends with 3 when a word names no contact.",
  examples: [
    'adsapp drip unenroll "Nieuwe Lead Opvolging" --contact "06 12345678"',
    'adsapp drip unenroll "Nieuwe Lead Opvolging" --tag customer --yes --format json',
  ],
  writes: true,
  declare(command) {
    command.argument("<drip>", "name or id");
    declarePeople(command);
  },
  async run(context, options, name) {
    const people = await peopleOf(options);
    const organization = await context.organization();
    const { drip, id, ids, unknown } = await context.operator(async (tx) => {
      const found = await findDrip(tx, organization.id, name);
      return { drip: found.name, id: found.id, ...(await selectContacts(tx, organization, people)) };
    });
    const isMany = [options.tag, options.list, options.file].some((named) => named !== undefined);
    if (
      isMany &&
      ids.length > 0 &&
      !(await confirm(`Take ${ids.length} contacts out of "${drip}"?`, context.yes))
    )
      return context.out.say("Nothing was changed.");
    const result = await context.operator(async (tx) => {
      const unenrolled = await unenrollContacts(tx, organization.id, id, ids);
      return { drip, selected: ids.length, unenrolled, unknown };
    });
    tellUnknown(context, result.unknown);
    await context.out.record(result, [
      { key: "drip" },
      { key: "selected" },
      { key: "unenrolled" },
      { key: "unknown", table: false },
    ]);
    return result.unknown.length > 0 ? ExitCode.Partial : ExitCode.Done;
  },
});
