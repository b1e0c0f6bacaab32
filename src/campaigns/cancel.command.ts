import { confirm } from "../cli/confirm.ts";
import { defineCommand } from "../cli/command.ts";
import { cancelCampaign } from "./transitions.ts";

export default defineCommand<[string]>({
  description: "Ends a campaign for good: whoever was not dispatched yet gets nothing. What is on its way arrives, and is counted.",
  examples: ['adsapp campaign cancel "Black Friday Sale"', 'adsapp campaign cancel "Black Friday Sale" --yes'],
  writes: true,
  declare(command) {
    command.argument("<campaign>", "name or id");
  },
  async run(context, _options, name) {
    const { id } = await context.organization();
    if (!(await confirm(`Cancel "${name}"? It cannot be started again.`, context.yes))) return;
    const { campaign, cancelled } = await cancelCampaign(await context.database(), await context.identity(), id, name);
    await context.out.record({ ...campaign, cancelled }, [{ key: "id" }, { key: "name" }, { key: "status" }, { key: "cancelled", title: "Not sent any more" }]);
  },
});
