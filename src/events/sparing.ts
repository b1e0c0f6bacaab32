import type { Transaction } from "../db/database.ts";

/** SQLSTATEs that blame the data: of its values (22), of a constraint (23), of a limit (54), of a trigger (P0). */
const REFUSED = /^(22|23|54|P0)/;
/** So many refusals are looked for one by one; after them a part that is refused is given up as a whole. */
const PATIENCE = 20;

type Work<T> = (items: readonly T[]) => Promise<void>;
/** told of what was refused, and why */
type Refuse<T> = (items: readonly T[], reason: string) => void;

/**
 * Does work for all items in one go. Where the database refuses what one of them holds, by halves until it stands alone:
 * the others are spared. `work` tells others what it did only when it is done, for what was refused never happened.
 */
export async function sparing<T>(
  tx: Transaction,
  items: readonly T[],
  work: Work<T>,
  refuse: Refuse<T>,
): Promise<void> {
  await byHalves(tx, items, work, refuse, { left: PATIENCE });
}

/** The same where items belong to somebody who may be the one to blame (a rule, a drip): nobody pays for another. */
export async function sparingOthers<T>(
  tx: Transaction,
  items: readonly T[],
  ownerOf: (item: T) => string,
  work: Work<T>,
  refuse: Refuse<T>,
): Promise<void> {
  if (items.length === 0 || (await refusal(tx, () => work(items))) === undefined) return;
  const byOwner = new Map<string, T[]>();
  for (const item of items) {
    const known = byOwner.get(ownerOf(item));
    if (known === undefined) byOwner.set(ownerOf(item), [item]);
    else known.push(item);
  }
  for (const own of byOwner.values()) await sparing(tx, own, work, refuse);
}

async function byHalves<T>(
  tx: Transaction,
  items: readonly T[],
  work: Work<T>,
  refuse: Refuse<T>,
  patience: { left: number },
): Promise<void> {
  if (items.length === 0) return;
  const reason = await refusal(tx, () => work(items));
  if (reason === undefined) return;
  if (items.length === 1 || patience.left <= 0) {
    patience.left--;
    refuse(items, reason);
    return;
  }
  const half = Math.ceil(items.length / 2);
  await byHalves(tx, items.slice(0, half), work, refuse, patience);
  await byHalves(tx, items.slice(half), work, refuse, patience);
}

/** @returns why the database refused it; then nothing of it happened */
async function refusal(tx: Transaction, work: () => Promise<void>): Promise<string | undefined> {
  await tx.run("savepoint spared");
  try {
    await work();
  } catch (error) {
    if (!REFUSED.test((error as { code?: string }).code ?? "")) throw error;
    await tx.run("rollback to savepoint spared");
    return (error as Error).message.slice(0, 200);
  }
  await tx.run("release savepoint spared");
  return undefined;
}
