import { defineCommand } from "../cli/command.ts";
import type { Column } from "../cli/output/index.ts";
import { ExitCode } from "../errors.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import { listSenders } from "../senders/senders.ts";
import { askAccounts, type SyncedTemplate, saveSynced } from "./sync.ts";

const columns: Column<SyncedTemplate>[] = [
  { key: "action" },
  { key: "name" },
  { key: "language" },
  { key: "category" },
  { key: "status" },
  { key: "statusBefore", title: "Was" },
  { key: "quality" },
  { key: "rejectedReason", title: "Rejected" },
  { key: "wabaId", table: false },
  { key: "changed", as: "list" },
];

export default defineCommand<[], { dryRun?: boolean }>({
  description:
    "Takes over the message templates of every WhatsApp Business Account of the organization's senders: new and changed ones, with status,\ncategory and quality; those that are gone at Meta get the status DELETED. Says what changed (a table leaves out what did not).\nTemplates added from files stay. Ends with 3 when an account could not be asked and others could.",
  examples: ["adsapp template sync", "adsapp template sync --dry-run --format json"],
  writes: true,
  declare(command) {
    command.option("--dry-run", "say what would change, and change nothing");
  },
  async run(context, options) {
    const { id } = await context.organization();
    const senders = await context.operator(async (tx) => {
      await refuseViewer(tx);
      return listSenders(tx, id);
    });
    const asked = await askAccounts(senders, context.env, context.stopping);
    const [first] = asked.faults;
    if (asked.answered.length === 0 && first !== undefined) throw first;
    const dryRun = options.dryRun === true;
    const { templates, warnings } = await context.operator((tx) =>
      saveSynced(tx, id, asked.answered, { dryRun }),
    );
    for (const fault of asked.faults)
      context.out.warn([fault.message, fault.hint].filter(Boolean).join("\n"));
    for (const warning of [...asked.warnings, ...warnings]) context.out.warn(warning);
    const isTable = context.out.format === "table";
    const rows = isTable ? templates.filter(({ action }) => action !== "unchanged") : templates;
    await context.out.list(rows, columns, { empty: "Nothing has changed." });
    context.out.say(`${dryRun ? "Would be: " : ""}${summaryOf(templates)}`);
    return asked.faults.length > 0 ? ExitCode.Partial : ExitCode.Done;
  },
});

function summaryOf(templates: readonly SyncedTemplate[]): string {
  return (["created", "updated", "unchanged", "gone"] as const)
    .map((action) => `${action} ${templates.filter((template) => template.action === action).length}`)
    .join(", ");
}
