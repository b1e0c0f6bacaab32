import { defineCommand } from "../cli/command.ts";
import { quickstart } from "./quickstart.ts";

export default defineCommand({
  description:
    "Shows the whole loop in under a minute, on an embedded PostgreSQL of its own (never DATABASE_URL) and a simulated Cloud API:\nimports 1,000 fictional contacts, sends a broadcast, takes in the webhooks, prints the report, runs a drip of\neight days on a fast clock, and writes all of it as an HTML report. It prints each command that it runs.",
  examples: ["adsapp quickstart", "npm run quickstart"],
  scope: "none",
  async run(context) {
    await quickstart({
      home: context.config.home,
      env: context.env,
      print: (line) => context.out.print(line),
    });
  },
});
