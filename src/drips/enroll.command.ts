import { defineCommand } from "../cli/command.ts";
import { selectContacts } from "../contacts/find.ts";
import { tellUnknown } from "../contacts/people-file.ts";
import { ExitCode } from "../errors.ts";
import { enrollContacts, refusedCount } from "./enroll.ts";
import { findDrip } from "./find.ts";
import { declarePeople, type PeopleOptions, peopleOf } from "./people.ts";

interface Options extends PeopleOptions {
  skipExisting?: boolean;
}

export default defineCommand<[string], Options>({
  description:
    "Enters contacts into an active drip: everyone that the flags name, all or nothing, each with the first step planned. Says how many\nentered, and why others did not; ends with 3 when some could not. With --skip-existing people who are, or have been, in it are no fault.",
  examples: [
    'adsapp drip enroll "Nieuwe Lead Opvolging" --tag leads',
    'adsapp drip enroll "Nieuwe Lead Opvolging" --list klanten --skip-existing --format json',
    'adsapp drip enroll "Nieuwe Lead Opvolging" --contact "06 12345678" +31687654321',
  ],
  writes: true,
  declare(command) {
    command.argument("<drip>", "name or id");
    declarePeople(command);
    command.option("--skip-existing", "who is or has been in it is skipped in silence");
  },
  async run(context, options, name) {
    const people = await peopleOf(options);
    const organization = await context.organization();
    const { drip, unknown, entered } = await context.operator(async (tx) => {
      const found = await findDrip(tx, organization.id, name);
      const selected = await selectContacts(tx, organization, people);
      return {
        drip: found.name,
        unknown: selected.unknown,
        entered: await enrollContacts(tx, organization.id, found, selected.ids),
      };
    });
    tellUnknown(context, unknown);
    const { refused, ...counts } = entered;
    const shown = context.out.format === "table" ? { refused: reasonsOf(refused) } : { refused };
    await context.out.record({ drip, ...counts, ...shown, unknown }, [
      { key: "drip" },
      { key: "selected" },
      { key: "enrolled" },
      { key: "refused", title: "Not enrolled" },
      { key: "unknown", table: false },
    ]);
    const isPartial = unknown.length > 0 || refusedCount(entered, options.skipExisting === true) > 0;
    return isPartial ? ExitCode.Partial : ExitCode.Done;
  },
});

function reasonsOf(refused: Record<string, number>): string {
  const reasons = Object.entries(refused).map(([reason, count]) => `${reason} ${count}`);
  return reasons.join("  ") || "0";
}
