import { defineCommand } from "../cli/command.ts";
import { detailColumns } from "./columns.ts";
import { pauseOrganization } from "./settings.ts";

export default defineCommand({
  description:
    "The emergency stop: nothing of this organization goes out any more, within two seconds. Nothing is lost; resume goes on.",
  examples: ["adsapp org pause", "adsapp org pause --org jansen"],
  writes: true,
  async run(context) {
    const { id } = await context.organization();
    await context.out.record(await context.operator((tx) => pauseOrganization(tx, id, true)), detailColumns);
  },
});
