import { expect } from "vitest";
import { until } from "../support/until.ts";
import { type Running, watch } from "./processes.ts";
import { randomOf } from "./random.ts";
import type { World } from "./world.ts";

export interface ChaosOptions {
  seed: number;
  /** how many ticks are killed, stopped or frozen */
  interruptions: number;
  /** ticks at once, at most */
  atOnce?: number;
  /** share of webhook bodies that get lost */
  lostWebhooks?: number;
  /** another way to the database, for the ticks */
  databaseUrl?: string;
  /** messages that the API accepts before a tick is met by its fate, at most */
  patience?: number;
}

type Fate = "KILL" | "TERM" | "TERM twice" | "STOP";

/**
 * Done, was killed, or the database was not to be had: anything else is a fault of adsapp. TERM ends a process that has not
 * begun to listen, or has just done its work.
 */
const ORDERLY = [0, 75, "SIGKILL", "SIGTERM"];

/**
 * Ticks by ones and twos and more, each of which is killed, stopped or frozen for longer than its lease at a moment of
 * chance, while webhooks come in. A tick that is done before its fate counts as no interruption.
 * @returns how many were interrupted, by what
 */
export async function chaos(world: World, options: ChaosOptions): Promise<Record<Fate, number>> {
  const { seed, interruptions, atOnce = 1, patience = 80 } = options;
  const random = randomOf(seed);
  const met: Record<Fate, number> = { KILL: 0, TERM: 0, "TERM twice": 0, STOP: 0 };
  const total = () => Object.values(met).reduce((sum, n) => sum + n, 0);
  let frozen: Running[] = [];
  let shown = 0;
  while (total() < interruptions) {
    if (!(await hasWork(world))) await world.addBroadcast({});
    if (random() < 0.5) await world.answerSome(5);
    const ticks = Array.from({ length: 1 + Math.floor(random() * atOnce) }, () => ({
      running: watch(world.startTick([], options.databaseUrl)),
      fate: fateOf(random()),
      after: 1 + Math.floor(random() * patience),
    }));
    const from = world.simulator.counts().accepted;
    const dead: number[] = [];
    await Promise.all(
      ticks.map(async ({ running, fate, after }) => {
        if (!(await isReached(world, from + after, running))) return;
        met[fate]++;
        strike(running, fate);
        if (fate === "STOP") frozen.push(running);
        else expect(ORDERLY, `seed ${seed}`).toContain((await running.ended).code);
        if (fate === "KILL") dead.push(running.pid);
      }),
    );
    frozen = await wakeSome(world, frozen);
    if (random() < 0.95) await world.buryTheDead(dead);
    if (random() < 0.5) await world.bringWebhooks(() => random() >= (options.lostWebhooks ?? 0));
    if (total() >= shown + 25) {
      shown = total();
      console.log(`seed ${seed}: ${shown} interruptions, ${world.simulator.counts().accepted} accepted`);
    }
  }
  await until("the frozen ones may wake up", async () => {
    frozen = await wakeSome(world, frozen);
    return frozen.length === 0;
  });
  return met;
}

function fateOf(roll: number): Fate {
  if (roll < 0.6) return "KILL";
  if (roll < 0.8) return "TERM";
  return roll < 0.9 ? "TERM twice" : "STOP";
}

function strike({ child }: Running, fate: Fate): void {
  if (fate === "KILL") child.kill("SIGKILL");
  if (fate === "STOP") child.kill("SIGSTOP");
  if (fate === "TERM") child.kill("SIGTERM");
  if (fate === "TERM twice") {
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGTERM"), 600).unref(); // at once it would be one asking
  }
}

/** @returns false when the tick was over before so many were accepted */
async function isReached(world: World, count: number, running: Running): Promise<boolean> {
  await until(
    `${count} accepted messages`,
    () => running.isOver() || world.simulator.counts().accepted >= count,
  );
  return !running.isOver();
}

const MORE = 30;

/** Those whose leases are all over go on, and end in good order or are killed after a few more messages. @returns those that are still to sleep */
async function wakeSome(world: World, frozen: readonly Running[]): Promise<Running[]> {
  if (frozen.length === 0) return [];
  const held = await world.query<{ pid: number }>(
    "select split_part(lane_holder, ':', 2)::int as pid from senders where lane_expires_at > clock_timestamp()",
  );
  const holders = new Set(held.map(({ pid }) => pid));
  const awake = frozen.filter(({ pid }) => !holders.has(pid));
  const from = world.simulator.counts().accepted;
  for (const running of awake) {
    running.child.kill("SIGCONT");
    if (await isReached(world, from + MORE, running)) running.child.kill("SIGKILL"); // it took a lane anew
    const { code, said } = await running.ended;
    expect(ORDERLY, said).toContain(code);
  }
  return frozen.filter(({ pid }) => holders.has(pid));
}

async function hasWork(world: World): Promise<boolean> {
  const [row] = await world.query<{ open: boolean }>(
    `select exists (select from bulk_message_jobs where status in ('pending', 'dispatching'))
         or exists (select from drip_message_logs where status in ('pending', 'dispatching') and step_order = 1) as open`,
  );
  return row?.open === true;
}
