import { defineCommand } from "../cli/command.ts";
import { confirm } from "../cli/confirm.ts";
import { copying } from "./copying.ts";
import { requireEmbedded } from "./embedded-commands.ts";

export default defineCommand<[string]>({
  description:
    "Puts a backup of adsapp db backup in the place of the embedded database. What is there now is kept beside it, under the name\nthat is printed. The backup is started by itself first: one that is broken changes nothing. Its organizations are paused, since it\ndoes not know what was sent after it was made: look at what runs (adsapp status), then adsapp org resume.",
  examples: [
    "adsapp db restore /backups/adsapp-2026-11-27.tar.gz",
    "ADSAPP_HOME=/srv/rehearsal adsapp db restore /backups/adsapp-2026-11-27 --yes",
  ],
  scope: "none",
  declare(command) {
    command.argument("<backup>", "the file or folder that db backup made");
  },
  async run(context, _options, source) {
    const home = requireEmbedded(context);
    const { embeddedStatus, requireBackup, restoreEmbedded } = await import("./embedded/index.ts");
    await requireBackup(source);
    const isEmpty = (await embeddedStatus(home)).version === null;
    const question = `Put ${source} in the place of the embedded database of ${home}? What is there is kept aside.`;
    if (!isEmpty && !(await confirm(question, context.yes))) return;
    const told = copying(context.out);
    const done = await restoreEmbedded(home, source, told).finally(told.end);
    await context.out.record(done, [
      { key: "restored" },
      { key: "keptAside", title: "What was there is in" },
      { key: "paused", title: "Paused organizations" },
      { key: "restarted" },
    ]);
    if (done.paused.length > 0)
      context.out.say(
        "What was sent after the backup was made is not known to it. Look before you go on: adsapp status, then adsapp org resume.",
      );
  },
});
