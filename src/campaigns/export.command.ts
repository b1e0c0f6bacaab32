import { defineCommand } from "../cli/command.ts";
import { findCampaign } from "./find.ts";
import { yamlOf } from "./stored.ts";

export default defineCommand<[string]>({
  description: "Prints the YAML that makes the same campaign: campaign create -f takes it.",
  examples: [
    'adsapp campaign export "Black Friday Sale" > black-friday.yaml',
    'adsapp campaign export "Black Friday Sale" --org jansen',
  ],
  declare(command) {
    command.argument("<campaign>", "name or id");
  },
  async run(context, _options, nameOrId) {
    const { id } = await context.organization();
    const campaign = await context.operator((tx) => findCampaign(tx, id, nameOrId));
    context.out.print((await yamlOf(campaign)).trimEnd());
  },
});
