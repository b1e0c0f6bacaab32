import { mkdtempSync, rmSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { clusterFolders } from "../../src/db/embedded/folders.ts";
import { ensureEmbedded, stopEmbedded } from "../../src/db/embedded/index.ts";
import { connectionOf } from "../../src/db/embedded/socket.ts";
import { cloneTemplate, makeTemplate, TEST_SETTINGS } from "../support/cluster.ts";
import { until } from "../support/until.ts";
import { drip, hang, type Misdeed, startFaultyApi } from "./faulty-api.ts";
import { expectEachOnce, finish } from "./finish.ts";
import { startPgProxy } from "./pg-proxy.ts";
import { during, watch } from "./processes.ts";
import { makeWorld, type World } from "./world.ts";

const accepted = (world: World) => world.simulator.counts().accepted;

describe("answers that never come, or never end", () => {
  it("are given up within half a minute in all: unknown, and the tick ends in its time", async () => {
    const world = await makeWorld({ people: 40 });
    let n = 0;
    const misdeeds: Misdeed[] = [hang, drip];
    const api = await startFaultyApi(world.simulator.url, () => misdeeds[n++]);
    await world.sendThrough(api.url);
    expect(await watch(world.startTick()).ended).toEqual({ code: 0, said: "" });
    expect((await world.history()).unknown).toHaveLength(2);
    expect(accepted(world)).toBe(38);
    await finish(world);
    await expectEachOnce(world);
  });
});

/** A PostgreSQL of this test's own, which it may stop. */
async function ownCluster() {
  const home = mkdtempSync(join(tmpdir(), "adsapp-restart-"));
  await chmod(home, 0o755); // root's server runs as another user
  const start = () => ensureEmbedded(home, { fsync: false, settings: TEST_SETTINGS });
  await start();
  onTestFinished(async () => {
    await stopEmbedded(home);
    for (const folder of new Set([clusterFolders(home).base, home]))
      rmSync(folder, { recursive: true, force: true });
  });
  const { host, port, user } = connectionOf(clusterFolders(home));
  const cluster = { host, port, user };
  await makeTemplate(cluster);
  return { make: () => cloneTemplate(cluster), start, stop: () => stopEmbedded(home) };
}

describe("a PostgreSQL that restarts in the middle of a tick", () => {
  it("is waited for while facts are to be written; the tick survives or ends with 75, and the next goes on", async () => {
    const cluster = await ownCluster();
    const world = await makeWorld(
      { people: 600, throughput: 200, simulator: { latencyMs: 20 } },
      cluster.make,
    );
    const tick = watch(world.startTick());
    await during(tick, "100 accepted messages", () => accepted(world) >= 100);
    await cluster.stop();
    await cluster.start();
    const { code, said } = await tick.ended;
    expect([0, 75], said).toContain(code);
    await finish(world);
    await expectEachOnce(world);
  });

  it("or takes no connection for seconds: what the API accepted is written when it is back", async () => {
    const world = await makeWorld({ people: 300, throughput: 100, simulator: { latencyMs: 20 } });
    const proxy = await startPgProxy(world.databaseUrl);
    const tick = watch(world.startTick([], proxy.url));
    await during(tick, "60 accepted messages", () => accepted(world) >= 60);
    proxy.refuse(true);
    proxy.cutAll();
    await until("it has tried in vain", () => proxy.refused >= 4);
    proxy.refuse(false);
    const { code, said } = await tick.ended;
    expect([0, 75], said).toContain(code);
    await finish(world);
    await expectEachOnce(world);
  });
});
