import { defineCommand } from "../cli/command.ts";
import { savedColumns } from "./columns.ts";
import { pauseCampaign } from "./transitions.ts";

export default defineCommand<[string], { reason?: string }>({
  description:
    "Stops a scheduled or running campaign where it stands: nothing more is dispatched after the next claim. Resume goes on with who is left.",
  examples: [
    'adsapp campaign pause "Black Friday Sale"',
    'adsapp campaign pause "Black Friday Sale" --reason "wrong price"',
  ],
  writes: true,
  declare(command) {
    command
      .argument("<campaign>", "name or id")
      .option("--reason <text>", "what campaign show says (default: paused by a person)");
  },
  async run(context, options, name) {
    const { id } = await context.organization();
    await context.out.record(
      await context.operator((tx) => pauseCampaign(tx, id, name, options.reason)),
      savedColumns,
    );
  },
});
