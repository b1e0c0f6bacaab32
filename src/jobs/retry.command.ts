import { defineCommand } from "../cli/command.ts";
import { confirm } from "../cli/confirm.ts";
import { UserError } from "../errors.ts";
import type { Person } from "./resolve.ts";
import { retryable, retryFailed } from "./retry.ts";

export default defineCommand<[string], { failed?: boolean }>({
  description:
    "Tries the failed messages of a broadcast once more; a completed campaign runs on for it. What can only fail again (undeliverable, opted\nout, a closed country) is left alone, and so is whoever may not be messaged any more. messagesPerHour holds.",
  examples: [
    'adsapp campaign retry "Black Friday Sale" --failed',
    'adsapp campaign retry "Black Friday Sale" --failed --yes --format json',
  ],
  writes: true,
  declare(command) {
    command.argument("<campaign>", "name or id").option("--failed", "those that failed");
  },
  async run(context, options, nameOrId) {
    if (options.failed !== true) throw new UserError("say what to retry: --failed");
    const { id: organizationId } = await context.organization();
    const { campaignId, name, failed, permanent } = await context.operator((tx) =>
      retryable(tx, organizationId, nameOrId),
    );
    const again = failed - permanent;
    if (again > 0 && !(await confirm(`Send ${again} failed messages of "${name}" again?`, context.yes)))
      return context.out.say("Nothing was changed.");
    const person = (await context.identity()) as Person;
    const retried = await retryFailed(await context.database(), person, organizationId, campaignId);
    await context.out.record(retried, [
      { key: "id" },
      { key: "name" },
      { key: "status" },
      { key: "retried", title: "Sent again" },
      { key: "permanent", title: "Left: can only fail again" },
      { key: "unreachable", title: "Left: may not be messaged" },
      { key: "reopened", title: "Runs again" },
    ]);
  },
});
