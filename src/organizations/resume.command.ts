import { defineCommand } from "../cli/command.ts";
import { detailColumns } from "./columns.ts";
import { pauseOrganization } from "./settings.ts";

export default defineCommand({
  description: "Lets an organization that was paused send again.",
  examples: ["adsapp org resume", "adsapp org resume --org jansen"],
  writes: true,
  async run(context) {
    const { id } = await context.organization();
    await context.out.record(await context.operator((tx) => pauseOrganization(tx, id, false)), detailColumns);
  },
});
