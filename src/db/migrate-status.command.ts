import { defineCommand } from "../cli/command.ts";
import { ExitCode } from "../errors.ts";
import { migrationStates } from "./migrate.ts";

export default defineCommand({
  description:
    "Which migrations have run. Ends with 1 when one has not, or one was edited after it ran, or the database is newer.",
  examples: ["adsapp migrate status", "adsapp migrate status --format json"],
  scope: "none",
  async run(context) {
    const states = await migrationStates(await context.databaseUrl());
    await context.out.list(states, [{ key: "name" }, { key: "applied" }, { key: "note" }]);
    return states.every((state) => state.applied && state.note === null) ? ExitCode.Done : ExitCode.Failed;
  },
});
