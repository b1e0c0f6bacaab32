import { defineCommand } from "../cli/command.ts";
import { previewPrune, prune } from "./prune.ts";

export default defineCommand<[], { dryRun?: boolean }>({
  description:
    "Lets go of what is kept longer than each organization's retention says (org set --retention): texts of messages, raw webhook bodies,\nevents, what imports changed; and of what came in late of erased people. Counts, reports and the audit keep what they need. For cron,\nonce a day; of every organization, or the one of --org.",
  examples: ["adsapp prune --dry-run", "adsapp prune --format json"],
  writes: true,
  scope: "all",
  declare(command) {
    command.option("--dry-run", "count, and let go of nothing");
  },
  async run(context, { dryRun }) {
    const database = await context.database();
    const only = context.organizationGiven ? (await context.organization()).id : null;
    const pruned = await (dryRun === true ? previewPrune(database, only) : prune(database, only));
    await context.out.record(pruned, [
      { key: "messages", title: "Texts of messages" },
      { key: "webhookBodies" },
      { key: "events" },
      { key: "imports", title: "What imports changed" },
      { key: "erased", title: "Late ones of erased people" },
    ]);
    if (dryRun === true) context.out.say("A dry run: nothing was changed.");
  },
});
