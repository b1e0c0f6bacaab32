import type { Command } from "commander";
import type { Context } from "../cli/context.ts";
import type { Transaction } from "../db/database.ts";
import { ExitCode } from "../errors.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import { declareFilter, type FilterOptions, filterOf } from "./filter.ts";
import { selectContacts } from "./find.ts";
import { peopleIn, tellUnknown } from "./people-file.ts";

export interface SelectionOptions extends FilterOptions {
  withTag?: string;
  onList?: string;
  file?: string;
}

/** The flags by which a command says whom it changes. */
export function declareSelection(command: Command): void {
  command
    .argument("[contact...]", "phones in any spelling, or ids")
    .option("--with-tag <tag>", "everyone with this tag")
    .option("--on-list <name>", "everyone on this list")
    .option("--file <path>", "everyone whose phone or id is a line of this file; - reads stdin");
  declareFilter(command);
}

/** Changes the selected contacts in one transaction and says how many. Exit 3 when some words named nobody. */
export async function changeSelected(
  context: Context,
  contacts: readonly string[],
  options: SelectionOptions,
  change: (tx: Transaction, organizationId: string, ids: readonly string[]) => Promise<number>,
): Promise<ExitCode> {
  const organization = await context.organization();
  const listed = options.file === undefined ? [] : await peopleIn(options.file);
  const filter = await filterOf(options);
  const result = await context.operator(async (tx) => {
    const { ids, unknown } = await selectContacts(tx, organization, {
      contacts: [...contacts, ...listed],
      tag: options.withTag,
      list: options.onList,
      filter,
    });
    const changed = await change(tx, organization.id, ids);
    if (changed === 0) await refuseViewer(tx);
    return { selected: ids.length, changed, unknown };
  });
  tellUnknown(context, result.unknown);
  await context.out.record(result, [
    { key: "selected" },
    { key: "changed" },
    { key: "unknown", table: false },
  ]);
  return result.unknown.length > 0 ? ExitCode.Partial : ExitCode.Done;
}
