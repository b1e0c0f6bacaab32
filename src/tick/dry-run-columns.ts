import type { Column } from "../cli/output/index.ts";
import type { DryLine } from "./dry-line.ts";
import type { DryRun } from "./dry-run.ts";

/** What scripts read. */
export const dryRunColumns: Column<DryRun>[] = [
  { key: "at" },
  { key: "inbox" },
  { key: "events" },
  { key: "unknown" },
  { key: "due" },
  { key: "send" },
  { key: "skip" },
  { key: "wait" },
  { key: "lines" },
];

/** What people read: reasons with their counts in one cell. */
export interface DrySheet extends Omit<DryLine, "skip" | "wait"> {
  skip: string;
  wait: string;
}

export function drySheetOf(line: DryLine): DrySheet {
  const { campaign } = line;
  return {
    ...line,
    campaign: campaign ?? "(direct queue)",
    skip: counts(line.skip),
    wait: counts(line.wait),
  };
}

export const dryLineColumns: Column<DrySheet>[] = [
  { key: "organization" },
  { key: "sender" },
  { key: "campaign" },
  { key: "would" },
  { key: "writesOut", title: "Writes out" },
  { key: "due" },
  { key: "send", title: "Sends" },
  { key: "skip", title: "Skips" },
  { key: "wait", title: "Waits" },
  { key: "until", title: "Until", as: "time" },
];

function counts(of: Record<string, number>): string {
  return Object.entries(of)
    .map(([reason, count]) => `${reason} ${count}`)
    .join("  ");
}
