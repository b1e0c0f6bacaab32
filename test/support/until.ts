import { setTimeout } from "node:timers/promises";

const PATIENCE_MS = 60_000;

/** Waits for something that other processes do. @throws Error naming it when it has not come within a minute */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`it never came to this: ${what}`);
    await setTimeout(10);
  }
}
