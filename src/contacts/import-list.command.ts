import { defineCommand } from "../cli/command.ts";
import { findImport, listImports } from "./imports.ts";
import { pageSize } from "./page-size.ts";

export default defineCommand<[], { after?: string; limit: number }>({
  description:
    "Imports, the newest first: who, which file, how its rows ended, and whether it was taken back. --after takes the id of the last\none of the page before.",
  examples: ["adsapp import list", "adsapp import list --limit 5 --format json"],
  declare(command) {
    command
      .option("--after <id>", "the page behind this import")
      .option("--limit <n>", "how many", pageSize, 20);
  },
  async run(context, { after, limit }) {
    const { id } = await context.organization();
    const imports = await context.operator(async (tx) =>
      listImports(tx, id, {
        after: after === undefined ? undefined : (await findImport(tx, id, after)).id,
        limit,
      }),
    );
    await context.out.list(
      imports,
      [
        { key: "id" },
        { key: "fileName", title: "File" },
        { key: "rows" },
        { key: "created" },
        { key: "updated" },
        { key: "unchanged", table: false },
        { key: "skipped" },
        { key: "suppressed", table: false },
        { key: "rejected" },
        { key: "importedBy", title: "By" },
        { key: "createdAt", title: "When", as: "time" },
        { key: "undoneAt", title: "Undone", as: "time" },
        { key: "options", table: false },
      ],
      { empty: "Nothing was imported yet: adsapp contact import FILE" },
    );
    if (imports.length === limit) context.out.say(`More: --after ${imports.at(-1)?.id}`);
  },
});
