import type { Output } from "../cli/output/index.ts";
import { createProgress, type Progress } from "../cli/progress.ts";
import type { Telling } from "./embedded/backup.ts";

/** How far a copy is, in megabytes, on stderr. */
export function copying(out: Output): Telling & { end(): void } {
  let progress: Progress | undefined;
  return {
    say: (text) => (progress === undefined ? out.say(text) : progress.note(text)),
    begin(bytes) {
      progress = createProgress({
        stderr: process.stderr,
        quiet: out.quiet,
        title: "copying",
        total: bytes,
        unit: { name: "MB", size: 1e6 },
      });
    },
    copied: (bytes) => progress?.advance(bytes),
    end: () => progress?.done(),
  };
}
