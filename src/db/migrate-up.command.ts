import { defineCommand } from "../cli/command.ts";
import { migrateUp } from "./migrate.ts";

export default defineCommand({
  description:
    "Runs every migration that has not run yet, in one transaction. Safe to run twice, and by twenty at once.",
  examples: ["adsapp migrate up", "DATABASE_URL=postgresql://app@db/adsapp adsapp migrate up --format json"],
  scope: "none",
  async run(context) {
    const applied = await migrateUp(await context.databaseUrl());
    if (applied.length === 0) context.out.say("The schema is up to date.");
    await context.out.list(
      applied.map((migration) => ({ migration })),
      [{ key: "migration" }],
    );
  },
});
