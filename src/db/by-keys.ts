import type { Transaction } from "./database.ts";

/**
 * For the rest of the transaction rows are found by their keys, whatever the planner makes of a table of which it has no statistics yet:
 * a broadcast that was just written out.
 */
export async function byKeys(tx: Transaction): Promise<void> {
  await tx.run("set local enable_seqscan = off");
}
