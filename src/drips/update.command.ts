import { defineCommand } from "../cli/command.ts";
import { savedOf } from "./columns.ts";
import { fileDefinition } from "./named.ts";
import { migrateActive, updateDrip } from "./update.ts";

export default defineCommand<[], { file: string; migrateActive?: boolean }>({
  description:
    "Makes the drip of that name what a YAML file says. Other steps are a new version: people enter it from now on, and whoever is in the\ndrip stays on theirs. With --migrate-active they go on with the current version, by the order of steps: what waits is planned\nagain where its time is another, and whoever is past the last step is done.",
  examples: [
    "adsapp drip update -f lead.yaml",
    "adsapp drip update -f lead.yaml --migrate-active --format json",
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
