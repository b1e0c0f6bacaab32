import { defineCommand } from "../cli/command.ts";
import { ensureEmbedded } from "./embedded/index.ts";
import { requireEmbedded } from "./embedded-commands.ts";

export default defineCommand({
  description:
    "Starts the embedded PostgreSQL. Other commands do so themselves when DATABASE_URL is unset. It listens on a private socket only.",
  examples: ["adsapp db start", "ADSAPP_HOME=/srv/adsapp adsapp db start"],
  scope: "none",
  async run(context) {
    const home = requireEmbedded(context);
    const connection = await ensureEmbedded(home);
    context.out.say(`The embedded PostgreSQL runs; its socket is in ${connection.host}.`);
  },
});
