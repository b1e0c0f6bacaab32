import { defineCommand } from "../../cli/command.ts";
import { diagnose } from "./doctor.ts";
import { showDiagnosis } from "./show.ts";

export default defineCommand({
  description:
    "Looks at everything that sending needs, from this host outwards: node, disk, the database with its settings, schema, roles and walls,\nclocks, each sender with its token (one request to Meta), templates, webhooks, the minutes in which cron ran. Each finding comes with\nwhat mends it. It writes nothing, and ends with 1 when something is broken. Of all organizations, or the one of --org.",
  examples: ["adsapp doctor", "adsapp doctor --format json"],
  scope: "none",
  async run(context) {
    const { config, env, out, stopping: signal } = context;
    const diagnosis = await diagnose({
      config,
      env,
      signal,
      databaseUrl: () => context.databaseUrl(),
      organizationId: async () => (context.organizationGiven ? (await context.organization()).id : undefined),
    });
    return showDiagnosis(out, diagnosis);
  },
});
