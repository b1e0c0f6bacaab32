import { defineCommand } from "../cli/command.ts";
import { stopEmbedded } from "./embedded/index.ts";
import { requireEmbedded } from "./embedded-commands.ts";

export default defineCommand({
  description:
    "Stops the embedded PostgreSQL; open transactions are rolled back, nothing that was committed is lost.",
  examples: ["adsapp db stop", "adsapp db stop && adsapp db status"],
  scope: "none",
  async run(context) {
    const stopped = await stopEmbedded(requireEmbedded(context));
    context.out.say(stopped ? "Stopped." : "It was not running.");
  },
});
