import { setTimeout } from "node:timers/promises";
import { UserError } from "../errors.ts";
import type { Output } from "./output/index.ts";

const EVERY_MS = 2_000;

/** @throws UserError for formats that are one document, which has no end under --watch */
export function refuseDocuments({ format }: Output): void {
  if (format === "table" || format === "ndjson") return;
  throw new UserError(`--watch has no end that --format ${format} could wait for`, {
    hint: "Leave --format out, or use --format ndjson: lines for each change.",
  });
}

/**
 * Shows something again and again until `stopping` aborts: drawn over in place on a terminal; elsewhere all of it again whenever it
 * is another than before, as text (with a line between) or NDJSON.
 * @param show reads it anew and writes it
 * @throws UserError for formats that are one document; whatever `show` throws
 */
export async function watch(
  out: Output,
  stopping: AbortSignal,
  show: (out: Output) => Promise<void>,
  everyMs = EVERY_MS,
): Promise<void> {
  refuseDocuments(out);
  const screen = out.format === "table" ? out.screen() : undefined;
  let before: string | undefined;
  while (!stopping.aborted) {
    const now = (await out.captured(show)).trimEnd();
    if (screen !== undefined) screen.draw(now);
    else if (now !== before) out.print(before === undefined || out.format === "ndjson" ? now : `\n${now}`);
    before = now;
    await setTimeout(everyMs, undefined, { signal: stopping }).catch(() => {}); // aborted: the loop's condition sees it
  }
}
