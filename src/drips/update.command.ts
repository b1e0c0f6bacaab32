import { defineCommand } from "../cli/command.ts";
import { confirm } from "../cli/confirm.ts";
import type { Context } from "../cli/context.ts";
import { savedOf } from "./columns.ts";
import { findDrip } from "./find.ts";
import { fileDefinition } from "./named.ts";
import { migrateActive, updateDrip } from "./update.ts";

export default defineCommand<[], { file: string; migrateActive?: boolean }>({
  description:
    "Makes the drip of that name what a YAML file says. Other steps are a new version: people enter it from now on, and whoever is in the\ndrip stays on theirs. With --migrate-active they go on with the current version, by the order of steps: what waits is planned\nagain where its time is another, and whoever is past the last step is done. Asks before it moves people: they do not go back.",
  examples: [
    "adsapp drip update -f lead.yaml",
    "adsapp drip update -f lead.yaml --migrate-active --yes --format json",
  ],
  writes: true,
  declare(command) {
    command
      .requiredOption("-f, --file <file>", "the definition (kind: drip); - reads stdin")
      .option("--migrate-active", "bring whoever is in the drip to its current version");
  },
  async run(context, options) {
    const definition = await fileDefinition(options.file);
    const { id } = await context.organization();
    if (options.migrateActive === true && !(await mayMove(context, id, definition.name)))
      return context.out.say("Nothing was changed.");
    const { drip, changed, warnings } = await context.operator((tx) => updateDrip(tx, id, definition));
    for (const text of warnings) context.out.warn(text);
    const people =
      options.migrateActive === true
        ? await migrateActive(await context.database(), await context.identity(), id, drip.id)
        : { moved: 0, replanned: 0, completed: 0 };
    await context.out.record({ ...savedOf(drip), changed, ...people }, [
      { key: "id" },
      { key: "name" },
      { key: "trigger" },
      { key: "status" },
      { key: "version" },
      { key: "steps" },
      { key: "changed", as: "list" },
      { key: "moved", title: "People moved" },
      { key: "replanned", title: "Steps planned again" },
      { key: "completed", title: "Done by it" },
    ]);
  },
});

/** Where nobody is in the drip, there is nothing to ask. */
async function mayMove(context: Context, organizationId: string, drip: string): Promise<boolean> {
  const { name, statistics } = await context.operator((tx) => findDrip(tx, organizationId, drip));
  const { active: people } = statistics;
  return (
    people === 0 ||
    confirm(`Bring the ${people} who are in "${name}" to the version of this file?`, context.yes)
  );
}
