import { defineCommand } from "../cli/command.ts";
import { copying } from "./copying.ts";
import { requireEmbedded } from "./embedded-commands.ts";

export default defineCommand<[string]>({
  description:
    "Copies the embedded database: waits for ticks that send, stops the server, copies its folder, starts it again. A name that\nends in .tar.gz, .tgz or .tar is one file, any other a folder; nothing is overwritten. Commands that come meanwhile wait up to\nhalf a minute and then end with 75. For a PostgreSQL of DATABASE_URL use its own backups (pg_dump --enable-row-security).",
  examples: [
    "adsapp db backup /backups/adsapp-2026-11-27.tar.gz",
    'adsapp db backup "/backups/adsapp-$(date +%F)"',
  ],
  scope: "none",
  declare(command) {
    command.argument("<target>", "a new file (.tar.gz, .tgz, .tar) or folder");
  },
  async run(context, _options, target) {
    const home = requireEmbedded(context);
    const { backUpEmbedded } = await import("./embedded/index.ts");
    const told = copying(context.out);
    const made = await backUpEmbedded(home, target, told).finally(told.end);
    await context.out.record(made, [
      { key: "backup" },
      { key: "bytes", title: "Bytes of data" },
      { key: "version", title: "PostgreSQL" },
      { key: "restarted" },
    ]);
  },
});
