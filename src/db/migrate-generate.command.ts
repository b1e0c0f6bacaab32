import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineCommand } from "../cli/command.ts";
import { UserError } from "../errors.ts";
import { listMigrations, migrationsFolder } from "./migration-files.ts";

export default defineCommand<[string]>({
  description:
    "Writes the next pair of empty migration files, NNN_name.up.sql and NNN_name.down.sql (migrations/CONVENTIONS.md).",
  examples: ["adsapp migrate generate add_regions", "npm run migration:generate add_regions"],
  scope: "none",
  declare(command) {
    command.argument("<name>", "the topic: a–z, 0–9 and underscores");
  },
  async run(context, _options, name) {
    const made = generateMigration(name);
    await context.out.list(
      made.map((file) => ({ file })),
      [{ key: "file" }],
    );
  },
});

/** @throws UserError for a name that is no plain topic, or taken */
export function generateMigration(name: string, folder = migrationsFolder()): string[] {
  if (!/^[a-z][a-z0-9_]{1,60}$/.test(name))
    throw new UserError(`"${name}" is no migration name: use a–z, 0–9 and underscores`);
  const existing = listMigrations(folder).map((migration) => migration.name);
  if (existing.some((other) => other.slice(4) === name))
    throw new UserError(`there is a migration "${name}" already`);
  const number = String(Number((existing.at(-1) ?? "000").slice(0, 3)) + 1).padStart(3, "0");
  return (["up", "down"] as const).map((direction) => {
    const file = join(folder, `${number}_${name}.${direction}.sql`);
    if (existsSync(file)) throw new UserError(`${file} exists`);
    const what =
      direction === "up"
        ? `${name.replaceAll("_", " ")}: what for, in a line.`
        : `Takes back ${number}_${name} exactly.`;
    writeFileSync(file, `-- ${what}\n`);
    return file;
  });
}
