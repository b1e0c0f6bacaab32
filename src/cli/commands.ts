import type { CommandEntry } from "./command.ts";

/** The table of contents: what `adsapp --help` lists, in the order in which data passes. */
export const commands: readonly CommandEntry[] = [
  { path: "migrate up", summary: "bring the schema up to date", load: () => import("../db/up.command.ts") },
];
