import { defineCommand } from "../cli/command.ts";
import { savedColumns } from "./columns.ts";
import { resumeCampaign } from "./transitions.ts";

export default defineCommand<[string]>({
  description: "Goes on with a paused campaign: only people who were not sent anything get it.",
  examples: [
    'adsapp campaign resume "Black Friday Sale"',
    'adsapp campaign resume "Black Friday Sale" && adsapp tick',
  ],
  writes: true,
  declare(command) {
    command.argument("<campaign>", "name or id");
  },
  async run(context, _options, name) {
    const { id } = await context.organization();
    await context.out.record(await context.operator((tx) => resumeCampaign(tx, id, name)), savedColumns);
  },
});
