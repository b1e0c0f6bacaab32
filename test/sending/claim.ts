import type { Database } from "../../src/db/database.ts";
import { claimWindows, type Window } from "../../src/sending/claim.ts";
import type { Lane } from "../../src/sending/lane.ts";

export type { Window };

/** What one claim took, its windows together. */
export async function claimWindow(database: Database, lane: Lane, size: number): Promise<Window> {
  const windows = await claimWindows(database, lane, size);
  const sum = (key: "skipped" | "deferred") => windows.reduce((total, window) => total + window[key], 0);
  return {
    id: (windows.find(({ jobs }) => jobs.length > 0) ?? (windows[0] as Window)).id,
    jobs: windows.flatMap(({ jobs }) => jobs),
    skipped: sum("skipped"),
    deferred: sum("deferred"),
  };
}

export function isEmpty({ jobs, skipped, deferred }: Window): boolean {
  return jobs.length + skipped + deferred === 0;
}
