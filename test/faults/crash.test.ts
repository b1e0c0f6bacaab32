import { describe, expect, it } from "vitest";
import { makeBroadcast } from "../support/broadcast.ts";
import { until } from "../support/until.ts";
import { expectEachOnce, finish, interruptedTick } from "./crash.ts";

describe("a tick that is killed", () => {
  it("with -9 half-way loses nothing and sends nothing twice once the next ones ran and the webhooks came", async () => {
    const broadcast = await makeBroadcast({ people: 400, simulator: { latencyMs: 20 } });
    expect(await interruptedTick(broadcast, "SIGKILL", 120)).toBe("SIGKILL");
    await finish(broadcast);
    await expectEachOnce(broadcast);
  });

  it("leaves as unknown only what it had claimed, and a message that the API took is found again without a second POST", async () => {
    const broadcast = await makeBroadcast({ people: 300, simulator: { latencyMs: 40 } });
    await interruptedTick(broadcast, "SIGKILL", 100);
    await broadcast.expireLeases();
    expect((await broadcast.tick("--only", "rescue")).exitCode).toBe(0);
    const { unknown = 0, dispatching = 0 } = await broadcast.statuses();
    expect(dispatching).toBe(0);
    expect(unknown).toBeGreaterThan(0);
    const acceptedBefore = broadcast.simulator.counts().accepted;
    await broadcast.takeInWebhooks();
    expect((await broadcast.statuses()).unknown ?? 0).toBeLessThan(unknown);
    expect(broadcast.simulator.counts().accepted).toBe(acceptedBefore);
    await finish(broadcast);
    await expectEachOnce(broadcast);
  });

  it("politely lets open POSTs end, hands the rest back and ends with 0", async () => {
    const broadcast = await makeBroadcast({ people: 500, simulator: { latencyMs: 50 } });
    expect(await interruptedTick(broadcast, "SIGTERM", 100)).toBe(0);
    const { pending = 0, dispatching = 0, unknown = 0, ...done } = await broadcast.statuses();
    expect({ dispatching, unknown }).toEqual({ dispatching: 0, unknown: 0 });
    expect(pending).toBeGreaterThan(0);
    expect(Object.values(done).reduce((sum, n) => sum + n, 0)).toBe(broadcast.simulator.counts().accepted);
    const lanes = await broadcast.query<{ laneToken: string | null }>("select lane_token from senders");
    expect(lanes).toEqual([{ laneToken: null }]);
    await finish(broadcast);
    await expectEachOnce(broadcast);
  });
});

describe("a tick that was frozen for longer than its lease", () => {
  it("dispatches nothing more when it wakes up, and its late facts are kept", async () => {
    const broadcast = await makeBroadcast({ people: 400, simulator: { latencyMs: 30 } });
    const frozen = broadcast.startTick("--verbose");
    frozen.stdin.end();
    const said: string[] = [];
    for (const stream of [frozen.stdout, frozen.stderr])
      stream.on("data", (text: Buffer) => said.push(text.toString()));
    const ended = new Promise((resolve) => frozen.once("close", resolve));
    await broadcast.accepted(80);
    frozen.kill("SIGSTOP");
    await until("its lease is over", async () => {
      const [lane] = await broadcast.query<{ over: boolean }>(
        "select lane_expires_at <= clock_timestamp() as over from senders",
      );
      return lane?.over === true;
    });
    const before = broadcast.simulator.counts().accepted;
    await until("another tick goes on", async () => {
      expect((await broadcast.tick("--budget", "1")).exitCode).toBe(0);
      return broadcast.simulator.counts().accepted > before;
    });
    frozen.kill("SIGCONT");
    const code = await ended;
    expect([0, 75], `${code}: ${said.join("")}`).toContain(code);
    await finish(broadcast);
    await expectEachOnce(broadcast);
  });
});

describe("ticks at once", () => {
  it("send each message once, whoever is faster", async () => {
    const broadcast = await makeBroadcast({ people: 500, simulator: { latencyMs: 5 } });
    const ticks = await Promise.all([1, 2, 3, 4].map(() => broadcast.tick()));
    expect(ticks.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
    await finish(broadcast);
    await expectEachOnce(broadcast);
  });
});

describe("a database that drops every session in the middle of a tick", () => {
  it("costs at most this tick: the next one goes on, and each person gets it once", async () => {
    const broadcast = await makeBroadcast({ people: 400, simulator: { latencyMs: 20 } });
    const child = broadcast.startTick();
    child.stdin.end();
    const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
    await broadcast.accepted(100);
    await broadcast
      .query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      )
      .catch(() => {});
    expect([0, 75]).toContain(await ended);
    await finish(broadcast);
    await expectEachOnce(broadcast);
  });
});
