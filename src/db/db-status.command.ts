import { defineCommand } from "../cli/command.ts";
import { maskSecrets } from "../cli/output/index.ts";
import { embeddedStatus } from "./embedded/index.ts";

export default defineCommand({
  description: "Whether the embedded PostgreSQL runs, where its data and log are, and how large it is.",
  examples: ["adsapp db status", "adsapp db status --format json"],
  scope: "none",
  async run(context) {
    const { databaseUrl, home } = context.config;
    if (databaseUrl !== undefined) {
      await context.out.record({ embedded: false, url: maskSecrets(databaseUrl) }, [
        { key: "embedded" },
        { key: "url", title: "URL" },
      ]);
      return;
    }
    const status = await embeddedStatus(home);
    await context.out.record({ embedded: true, ...status }, [
      { key: "embedded" },
      { key: "running" },
      { key: "pid" },
      { key: "version", title: "PostgreSQL" },
      { key: "dataFolder" },
      { key: "socketFolder" },
      { key: "logFile" },
      { key: "sizeBytes", title: "Size in bytes" },
    ]);
  },
});
