import { expect } from "vitest";
import type { Broadcast } from "../support/broadcast.ts";

/** mulberry32: a seed that is printed on failure repeats the run. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Starts a tick and ends it by a signal once the API has accepted some more messages; a tick that is done before is
 * left alone.
 * @returns its exit code, or the signal that ended it
 */
export async function interruptedTick(
  broadcast: Broadcast,
  signal: "SIGKILL" | "SIGTERM",
  afterMessages: number,
): Promise<number | string | null> {
  const child = broadcast.startTick();
  child.stdin.end();
  const ended = new Promise<number | string | null>((resolve) => {
    child.once("close", (code, by) => resolve(code ?? by));
  });
  const from = broadcast.simulator.counts().accepted;
  const reached = broadcast.accepted(from + afterMessages).catch(() => {});
  await Promise.race([reached, ended]);
  child.kill(signal);
  return ended;
}

/**
 * Lets ticks work on until nothing is open: with the webhooks, and a quarter of an hour later for outcomes that stayed
 * unknown. A little other traffic of the sender proves that webhooks arrive.
 */
export async function finish(broadcast: Broadcast): Promise<void> {
  await broadcast.expireLeases();
  await broadcast.sendSomethingElse(3);
  expect((await broadcast.tick("--drain")).exitCode).toBe(0);
  await broadcast.takeInWebhooks();
  const later = new Date(Date.now() + 15 * 60_000).toISOString();
  expect((await broadcast.tick("--drain", "--now", later)).exitCode).toBe(0);
  await broadcast.takeInWebhooks();
  expect((await broadcast.tick("--now", later)).exitCode).toBe(0);
}

/** Nobody was left out, nobody got it twice, and the books say so. */
export async function expectEachOnce(broadcast: Broadcast): Promise<void> {
  expect(await broadcast.reckon()).toEqual({ lost: [], duplicated: [], unexpected: [] });
  const open = await broadcast.statuses();
  expect({ pending: open.pending, dispatching: open.dispatching, unknown: open.unknown }).toEqual({});
  await broadcast.expectCleanAudit();
}
