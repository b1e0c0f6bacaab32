import { defineCommand } from "../cli/command.ts";
import { parseInstant } from "../cli/context.ts";
import { savedColumns } from "./columns.ts";
import { scheduleCampaign } from "./schedule.ts";

export default defineCommand<[string], { at: string }>({
  description:
    "Arms a draft for a time to come, whatever its definition says, or moves a scheduled campaign to another one.",
  examples: [
    'adsapp campaign schedule "Black Friday Sale" --at 2026-11-27T10:00:00+01:00',
    'adsapp campaign schedule "Black Friday Sale" --at 2026-11-27T12:00:00Z --format json',
  ],
  writes: true,
  declare(command) {
    command.argument("<campaign>", "name or id").requiredOption("--at <time>", "when");
  },
  async run(context, options, name) {
    const at = parseInstant(options.at, "--at");
    const { id } = await context.organization();
    const { campaign, warnings } = await scheduleCampaign(
      await context.database(),
      await context.identity(),
      id,
      name,
      at,
    );
    for (const warning of warnings) context.out.warn(warning);
    await context.out.record(campaign, savedColumns);
  },
});
