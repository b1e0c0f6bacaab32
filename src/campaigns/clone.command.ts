import { defineCommand } from "../cli/command.ts";
import { savedColumns } from "./columns.ts";
import { findCampaign } from "./find.ts";
import { saveCampaign } from "./save.ts";
import { definitionOf } from "./stored.ts";

export default defineCommand<[string, string]>({
  description:
    "Saves a draft like a campaign in whatever state, under another name; people in it are not taken along.",
  examples: [
    'adsapp campaign clone "Black Friday Sale" "Cyber Monday"',
    'adsapp campaign clone "Black Friday Sale" "Cyber Monday" --format json',
  ],
  writes: true,
  declare(command) {
    command.argument("<campaign>", "name or id").argument("<name>", "of the new one");
  },
  async run(context, _options, nameOrId, name) {
    const { id } = await context.organization();
    const campaign = await context.operator(async (tx) => {
      const definition = definitionOf(await findCampaign(tx, id, nameOrId));
      return saveCampaign(tx, id, { ...definition, name });
    });
    await context.out.record(campaign, savedColumns);
  },
});
