import { defineCommand } from "../cli/command.ts";
import { confirm } from "../cli/confirm.ts";
import { savedOf } from "./columns.ts";
import { findDrip } from "./find.ts";
import { archiveDrip } from "./transitions.ts";

export default defineCommand<[string]>({
  description:
    "Ends a drip for good: whoever is in it leaves, and what waited for them is skipped. What is on its way arrives, and is counted.",
  examples: [
    'adsapp drip archive "Nieuwe Lead Opvolging"',
    'adsapp drip archive "Nieuwe Lead Opvolging" --yes',
  ],
  writes: true,
  declare(command) {
    command.argument("<drip>", "name or id");
  },
  async run(context, _options, nameOrId) {
    const { id: organizationId } = await context.organization();
    const { id, name, status } = await context.operator((tx) => findDrip(tx, organizationId, nameOrId));
    if (!(await confirm(`Archive "${name}" (${status})? It cannot be opened again.`, context.yes)))
      return context.out.say("Nothing was changed.");
    const { drip, dropped } = await context.operator((tx) => archiveDrip(tx, organizationId, id));
    await context.out.record({ ...savedOf(drip), dropped }, [
      { key: "id" },
      { key: "name" },
      { key: "status" },
      { key: "dropped", title: "People who left" },
    ]);
  },
});
