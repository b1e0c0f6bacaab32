/** A database of its own on a cluster of its own, and a folder. */
export interface Place {
  databaseUrl: string;
  home: string;
}

export interface Figure {
  what: string;
  value: string;
}

export type Bench = (place: Place) => Promise<Figure[]>;

/** @returns milliseconds */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Runs the candidates in turn, A B A B …, so that a machine that changes its speed does so for all. */
export async function interleaved<Name extends string>(
  rounds: number,
  candidates: Record<Name, () => Promise<unknown>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(candidates) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (const name of names) await candidates[name]();
  for (let round = 0; round < rounds; round++) {
    for (const name of names) times[name].push(await timed(candidates[name]));
  }
  return times;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
