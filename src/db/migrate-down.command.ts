import { defineCommand } from "../cli/command.ts";
import { confirm } from "../cli/confirm.ts";
import { migrateDown } from "./migrate.ts";

export default defineCommand<[], { to?: string; force?: boolean }>({
  description:
    "Takes back the last migration, or every one after --to. Refuses to drop tables that hold data unless forced.",
  examples: ["adsapp migrate down", "adsapp migrate down --to 0 --force --yes"],
  scope: "none",
  declare(command) {
    command
      .option("--to <name>", "the migration that stays the last one (its number will do); 0 takes back all")
      .option("--force", "also drop tables that hold data");
  },
  async run(context, options) {
    if (!(await confirm("Take back migrations?", context.yes))) return;
    const gone = await migrateDown(await context.databaseUrl(), options);
    await context.out.list(
      gone.map((migration) => ({ migration })),
      [{ key: "migration" }],
      { empty: "There is nothing to take back." },
    );
  },
});
