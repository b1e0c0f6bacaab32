import { defineCommand } from "../cli/command.ts";
import { confirm } from "../cli/confirm.ts";
import { findCampaign } from "./find.ts";
import { cancelCampaign } from "./transitions.ts";

export default defineCommand<[string]>({
  description:
    "Ends a campaign for good: whoever was not dispatched yet gets nothing. What is on its way arrives, and is counted.",
  examples: [
    'adsapp campaign cancel "Black Friday Sale"',
    'adsapp campaign cancel "Black Friday Sale" --yes',
  ],
  writes: true,
  declare(command) {
    command.argument("<campaign>", "name or id");
  },
  async run(context, _options, nameOrId) {
    const { id: organizationId } = await context.organization();
    const { id, name, status } = await context.operator((tx) => findCampaign(tx, organizationId, nameOrId));
    if (!(await confirm(`Cancel "${name}" (${status})? It cannot be started again.`, context.yes)))
      return context.out.say("Nothing was changed.");
    const { campaign, cancelled } = await cancelCampaign(
      await context.database(),
      await context.identity(),
      organizationId,
      id,
    );
    await context.out.record({ ...campaign, cancelled }, [
      { key: "id" },
      { key: "name" },
      { key: "status" },
      { key: "cancelled", title: "Not sent any more" },
    ]);
  },
});
