import { defineCommand } from "../cli/command.ts";
import { metricsText } from "./metrics.ts";

export default defineCommand({
  description:
    "Numbers for a monitor, in Prometheus' text format: campaigns by status, messages by outcome, unknown outcomes, senders, the direct\nqueue, the inbox, ticks. Of every organization, or the one of --org. The node exporter's textfile collector takes it from cron.",
  examples: ["adsapp metrics", "adsapp metrics --org jansen > /var/lib/node_exporter/adsapp.prom"],
  scope: "all",
  async run(context) {
    const organizationId = context.organizationGiven ? (await context.organization()).id : null;
    const text = await context.worker((tx) => metricsText(tx, organizationId));
    context.out.print(text.trimEnd());
  },
});
