import { defineCommand } from "../cli/command.ts";
import { confirm } from "../cli/confirm.ts";
import { ExitCode } from "../errors.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import { findImport, undoImport } from "./imports.ts";

export default defineCommand<[string]>({
  description:
    "Takes back what an import made, in one transaction. Contacts that it created go, unless something came of them since (messages,\ncampaigns, drips, conversations, events, tags or lists by others, changes); contacts that it updated get back what they had, unless\nthey were changed since. Its tags and list memberships go. An opt-out or block stays, with the contact. It says what was left and why.",
  examples: [
    "adsapp import undo 7d0f3c1e-8a52-4a4e-9f0e-2f1c9b0f6a11",
    "adsapp import undo 7d0f3c1e-8a52-4a4e-9f0e-2f1c9b0f6a11 --yes --format json",
  ],
  writes: true,
  declare(command) {
    command.argument("<id>", "as contact import and import list tell it");
  },
  async run(context, _options, word) {
    const organization = await context.organization();
    const { id, fileName } = await context.operator(async (tx) => {
      await refuseViewer(tx);
      return findImport(tx, organization.id, word);
    });
    const agreed = await confirm(`Take back the import of ${fileName}?`, context.yes);
    if (!agreed) return ExitCode.Done;
    const undone = await context.operator((tx) => undoImport(tx, organization.id, id));
    await context.out.record(undone, [
      { key: "importId", table: false },
      { key: "fileName", title: "File" },
      { key: "removed", title: "Contacts removed" },
      { key: "reverted", title: "Contacts reverted" },
      { key: "tagsRemoved" },
      { key: "membershipsRemoved", title: "List memberships removed" },
      { key: "leftCreated", title: "Left of the created" },
      { key: "leftUpdated", title: "Left of the updated" },
    ]);
  },
});
