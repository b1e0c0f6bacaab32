import { describe, expect, it, onTestFinished } from "vitest";
import { owner, worker } from "../../src/db/identity.ts";
import { until } from "../support/until.ts";
import { expectEachOnce, finish } from "./finish.ts";
import { startPgProxy } from "./pg-proxy.ts";
import { during, watch } from "./processes.ts";
import { randomOf } from "./random.ts";
import { makeWorld, type World } from "./world.ts";

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const accepted = (world: World) => world.simulator.counts().accepted;

describe("a database that drops every session in the middle of a tick", () => {
  it("costs at most this tick: the next goes on, and each message is sent once", async () => {
    const world = await makeWorld({ people: 200, inDrip: 50, throughput: 300, simulator: { latencyMs: 20 } });
    const proxy = await startPgProxy(world.databaseUrl);
    const tick = watch(world.startTick([], proxy.url));
    await during(tick, "80 accepted messages", () => accepted(world) >= 80);
    proxy.cutAll();
    const { code, said } = await tick.ended;
    expect([0, 75], said).toContain(code);
    expect(proxy.broken).toBeGreaterThan(0);
    await finish(world);
    await expectEachOnce(world);
  });
});

describe(`a connection that breaks at a COMMIT, done or not (seed ${seed})`, () => {
  it("loses nothing and repeats nothing", async () => {
    const random = randomOf(seed);
    const world = await makeWorld({ people: 150, inDrip: 50, throughput: 300 });
    const proxy = await startPgProxy(world.databaseUrl);
    proxy.fateOfCommit = () => {
      const roll = random();
      return roll < 0.1 ? "unanswered" : roll < 0.15 ? "lost" : "pass";
    };
    for (let n = 0; n < 3; n++) {
      const { code, said } = await watch(world.startTick([], proxy.url)).ended;
      expect([0, 75], `seed ${seed}: ${said}`).toContain(code);
      await world.query(
        "update senders set lane_expires_at = clock_timestamp() where lane_token is not null",
      );
    }
    expect(proxy.broken).toBeGreaterThan(0);
    await finish(world);
    await expectEachOnce(world, `seed ${seed}`);
  });
});

describe("a database that stands still for longer than a lease", () => {
  it("ends this worker's right to dispatch: what it did is kept, and the rest is sent once", async () => {
    const world = await makeWorld({ people: 400, throughput: 100, lease: 4 });
    const proxy = await startPgProxy(world.databaseUrl);
    const tick = watch(world.startTick([], proxy.url));
    await during(tick, "20 accepted messages", () => accepted(world) >= 20);
    proxy.pause(true);
    await until("its lease is over", async () => {
      const [lane] = await world.query<{ over: boolean }>(
        "select lane_expires_at <= clock_timestamp() as over from senders",
      );
      return lane?.over === true;
    });
    await world.workOffByOthers();
    const before = accepted(world);
    proxy.pause(false);
    const { code, said } = await tick.ended;
    expect([0, 75], said).toContain(code);
    expect(accepted(world)).toBe(before);
    await finish(world);
    await expectEachOnce(world);
  });
});

describe("a database that takes no tick", () => {
  it.each([
    ["because it is read-only", "set default_transaction_read_only = on", /the database is read-only/],
    ["because it has no room for a connection", "connection limit 0", /has no room for another connection/],
  ])("%s ends it with 75 and one clear message, and not one POST", async (_why, setting, message) => {
    const world = await makeWorld({ people: 20 });
    const login = `login_${process.pid}_${Math.floor(Math.random() * 1e9)}`;
    const change = (sql: string) => world.database.transaction(owner, (tx) => tx.run(sql));
    await change(`create role ${login} login in role adsapp_worker, adsapp_operator`);
    onTestFinished(() => change(`drop role ${login}`).then(() => {}));
    await change(`alter role ${login} ${setting}`);
    const url = world.databaseUrl.replace("//adsapp@", `//${login}@`);
    const { code, said } = await watch(world.startTick([], url)).ended;
    expect(code, said).toBe(75);
    expect(said).toMatch(message);
    expect(said.trim().split("\n").length).toBeLessThanOrEqual(2);
    expect(world.simulator.counts().requests).toBe(0);
    await finish(world);
    await expectEachOnce(world);
  });

  it("because nobody answers ends it with 75, and not one POST", async () => {
    const world = await makeWorld({ people: 20 });
    const proxy = await startPgProxy(world.databaseUrl);
    proxy.refuse(true);
    const { code, said } = await watch(world.startTick([], proxy.url)).ended;
    expect(code, said).toBe(75);
    expect(said).toMatch(/the database cannot be reached/);
    expect(world.simulator.counts().requests).toBe(0);
    proxy.refuse(false);
    expect(await watch(world.startTick([], proxy.url)).ended).toEqual({ code: 0, said: "" });
    await finish(world);
    await expectEachOnce(world);
  });
});

describe("deadlocks and serialization failures", () => {
  it("are tried again, five times at most", async () => {
    const { database } = await makeWorld({ people: 1 });
    let attempts = 0;
    const failing = database.transaction(worker, async (tx) => {
      attempts++;
      await tx.run("do $$ begin raise exception 'again' using errcode = '40001'; end $$");
    });
    await expect(failing).rejects.toThrow("again");
    expect(attempts).toBe(5);
  });

  it("between two transactions end with both done", async () => {
    const { database } = await makeWorld({ people: 2 });
    const ids = (
      await database.transaction(worker, (tx) =>
        tx.query<{ id: string }>("select id from contacts order by id"),
      )
    ).map(({ id }) => id);
    let locked = 0;
    const lockBoth = (order: readonly string[]) =>
      database.transaction(worker, async (tx) => {
        await tx.query("select from contacts where id = $1 for update", [order[0]]);
        locked++;
        await until("both hold one", () => locked >= 2);
        await tx.query("select from contacts where id = $1 for update", [order[1]]);
      });
    await Promise.all([lockBoth(ids), lockBoth([...ids].reverse())]);
    expect(locked).toBeGreaterThan(2); // one was the victim, and was tried again
  });
});
