import { defineCommand } from "../cli/command.ts";
import { parseInstant } from "../cli/context.ts";
import { createProgress } from "../cli/progress.ts";
import { startCampaign } from "./start.ts";

export default defineCommand<[string], { at?: string }>({
  description:
    "Arms a draft. An immediate campaign, or one whose time has gone by, gets its messages written out now and the next tick\nsends them; one with a time to come is scheduled.",
  examples: [
    'adsapp campaign start "Black Friday Sale"',
    'adsapp campaign start "Black Friday Sale" --at 2026-11-27T10:00:00+01:00',
  ],
  writes: true,
  declare(command) {
    command
      .argument("<campaign>", "name or id")
      .option("--at <time>", "start then, whatever the definition says");
  },
  async run(context, options, name) {
    const at = options.at === undefined ? undefined : parseInstant(options.at, "--at");
    const { id } = await context.organization();
    const progress = createProgress({
      stderr: process.stderr,
      quiet: context.out.quiet,
      title: "writing out the audience",
    });
    const onChunk = (jobs: number) => progress.advance(jobs);
    const started = await startCampaign(await context.database(), await context.identity(), id, name, {
      at,
      onChunk,
    }).finally(() => progress.done());
    for (const warning of started.warnings) context.out.warn(warning);
    await context.out.record(started, [
      { key: "id" },
      { key: "name" },
      { key: "status" },
      { key: "scheduledAt", as: "time" },
      { key: "targets" },
      { key: "skipped" },
    ]);
  },
});
