import { defineCommand } from "../cli/command.ts";
import { savedColumns, savedOf } from "./columns.ts";
import { findDrip } from "./find.ts";
import { saveDrip } from "./save.ts";
import { definitionOf } from "./stored.ts";

export default defineCommand<[string, string]>({
  description:
    "Saves a draft like a drip in whatever state, with the steps of its current version, under another name; people in it are not taken along.",
  examples: [
    'adsapp drip clone "Nieuwe Lead Opvolging" "Leads Gent"',
    'adsapp drip clone "Nieuwe Lead Opvolging" "Leads Gent" --format json',
  ],
  writes: true,
  declare(command) {
    command.argument("<drip>", "name or id").argument("<name>", "of the new one");
  },
  async run(context, _options, nameOrId, name) {
    const { id } = await context.organization();
    const drip = await context.operator(async (tx) => {
      const definition = definitionOf(await findDrip(tx, id, nameOrId));
      return saveDrip(tx, id, { ...definition, name });
    });
    await context.out.record(savedOf(drip), savedColumns);
  },
});
