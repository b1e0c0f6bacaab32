import type { Recorded } from "./recorder.ts";

/** What became of messages, in numbers. */
export interface Counts {
  bulk: number;
  drip: number;
  direct: number;
  retried: number;
  failed: number;
  skipped: number;
  deferred: number;
  unknown: number;
}

/** How a lane was worked. */
export interface LaneReport extends Counts {
  halted: string | null;
  /** why it stopped before everything was sent, when that is no halt */
  fault: unknown;
}

export function noCounts(): Counts {
  return { bulk: 0, drip: 0, direct: 0, retried: 0, failed: 0, skipped: 0, deferred: 0, unknown: 0 };
}

export function addCounts(total: Counts, more: Counts): void {
  for (const key of Object.keys(noCounts()) as (keyof Counts)[]) total[key] += more[key];
}

const COUNTED = { b: "bulk", d: "drip", m: "direct" } as const;

/** Counts one recorded outcome. @param status of the row now; undefined: it was no longer ours to change */
export function countRecorded(counts: Counts, { outcome, kind }: Recorded, status: string | undefined): void {
  if (outcome.row === "sent") counts[COUNTED[kind]]++;
  else if (status === "failed") counts.failed++;
  else if (status === "skipped") counts.skipped++;
  else if (status === "unknown") counts.unknown++;
  else if (outcome.row === "retry") counts.retried++;
  else if (["wait", "later", "withheld"].includes(outcome.row)) counts.deferred++;
}
