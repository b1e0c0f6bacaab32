import type { Command } from "commander";
import type { Context } from "../cli/context.ts";
import type { Transaction } from "../db/database.ts";
import { ExitCode } from "../errors.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import { selectContacts } from "./find.ts";

export interface SelectionOptions {
  withTag?: string;
  onList?: string;
}

/** The flags by which a command says whom it changes. */
export function declareSelection(command: Command): void {
  command
    .argument("[contact...]", "phones in any spelling, or ids")
    .option("--with-tag <tag>", "everyone with this tag")
    .option("--on-list <name>", "everyone on this list");
}

/** Changes the selected contacts in one transaction and says how many. Exit 3 when some words named nobody. */
export async function changeSelected(
  context: Context,
  contacts: readonly string[],
  options: SelectionOptions,
  change: (tx: Transaction, organizationId: string, ids: readonly string[]) => Promise<number>,
): Promise<ExitCode> {
  const organization = await context.organization();
  const result = await context.operator(async (tx) => {
    const { ids, unknown } = await selectContacts(tx, organization, {
      contacts,
      tag: options.withTag,
      list: options.onList,
    });
    const changed = await change(tx, organization.id, ids);
    if (changed === 0) await refuseViewer(tx);
    return { selected: ids.length, changed, unknown };
  });
  for (const word of result.unknown) context.out.warn(`contact "${word}" not found`);
  await context.out.record(result, [
    { key: "selected" },
    { key: "changed" },
    { key: "unknown", table: false },
  ]);
  return result.unknown.length > 0 ? ExitCode.Partial : ExitCode.Done;
}
