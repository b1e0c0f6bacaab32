import { defineCommand } from "../cli/command.ts";
import { confirm } from "../cli/confirm.ts";
import { resetEmbedded } from "./embedded/index.ts";
import { requireEmbedded } from "./embedded-commands.ts";

export default defineCommand({
  description:
    "Stops the embedded PostgreSQL and removes all of its data: every organization, contact, campaign and message. No way back.",
  examples: ["adsapp db reset", "adsapp db reset --yes && adsapp migrate up"],
  scope: "none",
  async run(context) {
    const home = requireEmbedded(context);
    if (!(await confirm(`Remove the whole embedded database of ${home}?`, context.yes))) return;
    await resetEmbedded(home);
    context.out.say("Removed. adsapp migrate up begins anew.");
  },
});
