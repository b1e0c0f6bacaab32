import { defineCommand } from "../cli/command.ts";
import { savedColumns, savedOf } from "./columns.ts";
import { pauseDrip } from "./transitions.ts";

export default defineCommand<[string], { reason?: string }>({
  description:
    "Stops an active drip where it stands: nothing more is dispatched after the next claim, and nobody enters. Its clock stands still;\ndrip activate goes on.",
  examples: [
    'adsapp drip pause "Nieuwe Lead Opvolging"',
    'adsapp drip pause "Nieuwe Lead Opvolging" --reason "wrong offer"',
  ],
  writes: true,
  declare(command) {
    command
      .argument("<drip>", "name or id")
      .option("--reason <text>", "what drip show says (default: paused by a person)");
  },
  async run(context, options, name) {
    const { id } = await context.organization();
    const drip = await context.operator((tx) => pauseDrip(tx, id, name, options.reason));
    await context.out.record(savedOf(drip), savedColumns);
  },
});
