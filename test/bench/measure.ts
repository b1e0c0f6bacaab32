import type { Place } from "./place.ts";

/** One measured number. */
export interface Figure {
  what: string;
  value: number;
  unit: string;
  /** what is asked for, e.g. "at least 0.5" */
  wanted?: string;
}

export type Bench = (place: Place) => Promise<Figure[]>;

/** @returns milliseconds */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Runs the candidates in turn, A B A B …, so that a machine that changes its speed does so for all. */
export async function interleaved<Name extends string, Result>(
  rounds: number,
  candidates: Record<Name, () => Promise<Result>>,
): Promise<Record<Name, Result[]>> {
  const names = Object.keys(candidates) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, [] as Result[]])) as Record<Name, Result[]>;
  for (let round = 0; round < rounds; round++) {
    for (const name of names) results[name].push(await candidates[name]());
  }
  return results;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

export function show({ what, value, unit, wanted }: Figure): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  const text = `${value.toFixed(digits)}${unit === "" ? "" : ` ${unit}`}`;
  return `  ${what.padEnd(62)} ${text.padEnd(14)} ${wanted ?? ""}`.trimEnd();
}
