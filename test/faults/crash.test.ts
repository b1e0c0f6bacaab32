import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { worker } from "../../src/db/identity.ts";
import { until } from "../support/until.ts";
import { acceptedBut, hang, type Misdeed, startFaultyApi } from "./faulty-api.ts";
import { expectEachOnce, finish } from "./finish.ts";
import { during, watch } from "./processes.ts";
import { makeWorld, type World } from "./world.ts";

const statuses = async (world: World) =>
  Object.fromEntries(
    (
      await world.query<{ status: string; n: number }>(
        "select status, count(*)::int as n from bulk_message_jobs group by status",
      )
    ).map(({ status, n }) => [status, n]),
  ) as Record<string, number>;

/** A session that waits for a lock of this database. */
const WAITING = `
  select from pg_locks l join pg_stat_activity a using (pid)
   where not l.granted and a.datname = current_database()`;

const accepted = (world: World) => world.simulator.counts().accepted;

/** A tick that is killed as soon as something is so. */
async function killedWhen(world: World, what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const tick = watch(world.startTick());
  await during(tick, what, isSo);
  tick.child.kill("SIGKILL");
  expect((await tick.ended).code).toBe("SIGKILL");
  await world.buryTheDead([tick.pid]);
}

describe("a tick that is killed with -9", () => {
  it("half-way loses nothing and sends nothing twice, broadcast and drip, and a message that the API took is found again without a second POST", async () => {
    const world = await makeWorld({
      people: 300,
      inDrip: 100,
      throughput: 300,
      simulator: { latencyMs: 40 },
    });
    await killedWhen(world, "100 accepted messages", () => accepted(world) >= 100);
    expect((await world.adsapp("tick", "--only", "rescue")).exitCode).toBe(0);
    expect((await statuses(world)).dispatching).toBeUndefined();
    const { unknown } = await world.history();
    expect(unknown).not.toEqual([]);
    const before = accepted(world);
    await world.bringWebhooks();
    expect((await world.adsapp("tick", "--only", "inbox")).exitCode).toBe(0);
    expect((await world.history()).unknown.length).toBeLessThan(unknown.length);
    expect(accepted(world) - before).toBeLessThanOrEqual(1); // one may have been frozen between the look at the lease and the write
    await finish(world);
    expect((await expectEachOnce(world)).recovered).toBeGreaterThan(0);
    const seconds = await world.query(
      "select from drip_message_logs where step_order = 2 and status = 'pending'",
    );
    expect(seconds).toHaveLength(100);
  });

  it("after the claim and before the API has it: it was not sent, and is sent once", async () => {
    const world = await makeWorld({ people: 40 });
    const api = await startFaultyApi(world.simulator.url, (_to, n) => (n === 1 ? hang : undefined));
    await world.sendThrough(api.url);
    await killedWhen(world, "POSTs on their way", () => api.posts.size >= 30);
    expect(accepted(world)).toBe(0);
    await finish(world);
    await expectEachOnce(world);
  });

  it("after the API accepted it and before the answer was read: no second POST", async () => {
    const world = await makeWorld({ people: 40 });
    const silent: Misdeed = acceptedBut(() => {});
    const api = await startFaultyApi(world.simulator.url, (_to, n) => (n === 1 ? silent : undefined));
    await world.sendThrough(api.url);
    await killedWhen(world, "40 accepted messages", () => accepted(world) === 40);
    await finish(world);
    expect((await expectEachOnce(world)).recovered).toBe(40);
  });

  it.each([
    [
      "after the answer and before it is recorded",
      "select from bulk_message_jobs where status = 'dispatching' order by id limit 1 for update",
    ],
    ["while it counts what it recorded", "select from bulk_campaigns for update"],
  ])("%s: no second POST", async (_when, lock) => {
    const world = await makeWorld({ people: 40 });
    let answerAll = () => {};
    const mayAnswer = new Promise<void>((resolve) => {
      answerAll = resolve;
    });
    const late: Misdeed = acceptedBut(async ({ response }, { status, body }) => {
      await mayAnswer;
      response.writeHead(status, { "content-type": "application/json" }).end(body);
    });
    const api = await startFaultyApi(world.simulator.url, () => late);
    await world.sendThrough(api.url);
    const tick = watch(world.startTick());
    await during(tick, "all are accepted", () => accepted(world) === 40);
    await world.database.transaction(worker, async (tx) => {
      await tx.query(lock);
      answerAll();
      await until("what it writes has to wait", async () => (await tx.query(WAITING)).length > 0);
      tick.child.kill("SIGKILL");
      await tick.ended;
    });
    await world.buryTheDead([tick.pid]);
    await finish(world);
    expect((await expectEachOnce(world)).recovered).toBe(40);
  });
});

describe("a tick that is stopped by TERM", () => {
  it("with POSTs in flight lets them end, hands the rest back, frees its lanes and ends with 0", async () => {
    const world = await makeWorld({
      people: 300,
      inDrip: 100,
      throughput: 300,
      simulator: { latencyMs: 50 },
    });
    const tick = watch(world.startTick());
    await during(tick, "100 accepted messages", () => accepted(world) >= 100);
    tick.child.kill("SIGTERM");
    expect(await tick.ended).toEqual({ code: 0, said: "" });
    const { pending = 0, dispatching = 0, unknown = 0 } = await statuses(world);
    expect({ dispatching, unknown }).toEqual({ dispatching: 0, unknown: 0 });
    expect(pending).toBeGreaterThan(0);
    expect((await world.history()).unexpected).toEqual([]); // each accepted one is recorded as sent
    expect(await world.query("select lane_token from senders")).toEqual([{ laneToken: null }]);
    await finish(world);
    await expectEachOnce(world);
  });

  it("several times at once, as by timeout(1), was asked once: nothing is given up", async () => {
    const world = await makeWorld({ people: 150, throughput: 300, simulator: { latencyMs: 50 } });
    const tick = watch(world.startTick());
    await during(tick, "30 accepted messages", () => accepted(world) >= 30);
    for (let n = 0; n < 5; n++) tick.child.kill("SIGTERM");
    expect(await tick.ended).toEqual({ code: 0, said: "" });
    const { dispatching = 0, unknown = 0 } = await statuses(world);
    expect({ dispatching, unknown }).toEqual({ dispatching: 0, unknown: 0 });
    await finish(world);
    await expectEachOnce(world);
  });

  it("and again gives up the POSTs in flight: their outcome is unknown, and settled by webhooks", async () => {
    const world = await makeWorld({ people: 60, throughput: 300, simulator: { latencyMs: 5_000 } });
    const tick = watch(world.startTick());
    await during(tick, "messages in the air", () => accepted(world) >= 20);
    tick.child.kill("SIGTERM");
    await setTimeout(600);
    tick.child.kill("SIGTERM");
    expect((await tick.ended).code).toBe(0);
    expect((await statuses(world)).unknown ?? 0).toBeGreaterThan(0);
    await finish(world);
    await expectEachOnce(world);
  });
});

describe("a tick that was frozen for longer than its lease", () => {
  it("dispatches nothing more when it wakes up, and its late facts are kept", async () => {
    const world = await makeWorld({ people: 300, throughput: 300, lease: 4, simulator: { latencyMs: 30 } });
    const frozen = watch(world.startTick());
    await during(frozen, "60 accepted messages", () => accepted(world) >= 60);
    frozen.child.kill("SIGSTOP");
    await until("its lease is over", async () => {
      const [lane] = await world.query<{ over: boolean }>(
        "select lane_expires_at <= clock_timestamp() as over from senders",
      );
      return lane?.over === true;
    });
    await world.workOffByOthers();
    const before = accepted(world);
    frozen.child.kill("SIGCONT");
    const { code, said } = await frozen.ended;
    expect([0, 75], said).toContain(code);
    expect(accepted(world) - before).toBeLessThanOrEqual(1); // one may have been frozen between the look at the lease and the write
    await finish(world);
    await expectEachOnce(world);
  });
});
