import { defineCommand } from "../cli/command.ts";
import { selectContacts } from "../contacts/find.ts";
import { ExitCode } from "../errors.ts";
import { unenrollContacts } from "./enroll.ts";
import { findDrip } from "./find.ts";
import { declarePeople, type PeopleOptions, peopleOf, tellUnknown } from "./people.ts";

export default defineCommand<[string], PeopleOptions>({
  description:
    "Takes contacts out of a drip: what waits for them is skipped. Whoever is not in it stays as they are; ends with 3 when a word names\nno contact.",
  examples: [
    'adsapp drip unenroll "Nieuwe Lead Opvolging" --contact "06 12345678"',
    'adsapp drip unenroll "Nieuwe Lead Opvolging" --tag customer --format json',
  ],
  writes: true,
  declare(command) {
    command.argument("<drip>", "name or id");
    declarePeople(command);
  },
  async run(context, options, name) {
    const people = await peopleOf(options);
    const organization = await context.organization();
    const result = await context.operator(async (tx) => {
      const { id, name: drip } = await findDrip(tx, organization.id, name);
      const { ids, unknown } = await selectContacts(tx, organization, people);
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
