import { defineCommand } from "../cli/command.ts";

export default defineCommand({
  description: "Prints the URL of the database in use (DATABASE_URL, or the embedded one, which it starts).",
  examples: ["adsapp db url", 'psql "$(adsapp db url)"'],
  scope: "none",
  async run(context) {
    context.out.print(await context.databaseUrl());
  },
});
