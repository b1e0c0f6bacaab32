import { defineCommand } from "../cli/command.ts";
import { confirm } from "../cli/confirm.ts";
import { savedColumns } from "./columns.ts";
import { findCampaign } from "./find.ts";
import { deleteCampaign } from "./transitions.ts";

export default defineCommand<[string]>({
  description: "Removes a draft. What was started stays: campaign cancel ends it.",
  examples: [
    'adsapp campaign delete "Black Friday Sale"',
    'adsapp campaign delete "Black Friday Sale" --yes',
  ],
  writes: true,
  declare(command) {
    command.argument("<campaign>", "name or id");
  },
  async run(context, _options, nameOrId) {
    const { id: organizationId } = await context.organization();
    const { id, name, status } = await context.operator((tx) => findCampaign(tx, organizationId, nameOrId));
    if (!(await confirm(`Delete "${name}" (${status})?`, context.yes)))
      return context.out.say("Nothing was changed.");
    await context.out.record(
      await context.operator((tx) => deleteCampaign(tx, organizationId, id)),
      savedColumns,
    );
  },
});
