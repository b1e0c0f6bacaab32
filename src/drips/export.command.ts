import { defineCommand } from "../cli/command.ts";
import { findDrip } from "./find.ts";
import { yamlOf } from "./stored.ts";

export default defineCommand<[string]>({
  description:
    "Prints the YAML that makes the same drip, with the steps of its current version: drip create and drip update take it, and plan finds\nnothing to change by it.",
  examples: [
    'adsapp drip export "Nieuwe Lead Opvolging" > lead.yaml',
    'adsapp drip export "Nieuwe Lead Opvolging" --org jansen',
  ],
  declare(command) {
    command.argument("<drip>", "name or id");
  },
  async run(context, _options, nameOrId) {
    const { id } = await context.organization();
    const drip = await context.operator((tx) => findDrip(tx, id, nameOrId));
    context.out.print((await yamlOf(drip)).trimEnd());
  },
});
