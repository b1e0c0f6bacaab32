import { describe, expect, it } from "vitest";
import { type ChaosOptions, chaos } from "./chaos.ts";
import {
  acceptedBut,
  emptyWith200,
  type Misdeed,
  PROXY_PAGE,
  pageWith200,
  refuseWith,
  reset,
  startFaultyApi,
  truncated,
} from "./faulty-api.ts";
import { expectEachOnce, finish } from "./finish.ts";
import { inWords } from "./history.ts";
import { startPgProxy } from "./pg-proxy.ts";
import { randomOf } from "./random.ts";
import { makeWorld, type World, type WorldOptions } from "./world.ts";

/** `SEED=… npm run test:long` makes the choices of a run again; the machine's timing is its own. */
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

const SLOW = { simulator: { latencyMs: 10, shuffle: true, duplicateStatuses: 0.05 } };

async function survive(world: World, options: Omit<ChaosOptions, "seed">): Promise<void> {
  const met = await chaos(world, { seed, ...options });
  const interrupted = Object.values(met).reduce((sum, n) => sum + n, 0);
  expect(interrupted, JSON.stringify(met)).toBeGreaterThanOrEqual(options.interruptions); // the last ones at once may be more
  await finish(world);
  console.log(
    `seed ${seed}: ${JSON.stringify(met)}; ${inWords(await expectEachOnce(world, `seed ${seed}:`))}`,
  );
}

describe(`ticks that are killed, stopped and frozen at random while webhooks arrive (seed ${seed})`, () => {
  it("fifty of one sender with two broadcasts and a drip lose nothing and repeat nothing", async () => {
    const world = await makeWorld({
      campaigns: 2,
      people: 2500,
      inDrip: 1000,
      throughput: 300,
      lease: 3,
      ...SLOW,
    });
    await survive(world, { interruptions: 50 });
  });

  it("seventy of three tenants with two senders each, up to three at once, lose nothing and repeat nothing", async () => {
    const given = { tenants: 3, senders: 2, people: 1000, inDrip: 400, throughput: 60, lease: 3, ...SLOW };
    await survive(await makeWorld(given), { interruptions: 70, atOnce: 3 });
  });

  it("fifty behind a line that breaks, also at COMMITs, done or not, lose nothing and repeat nothing", async () => {
    const world = await makeWorld({
      tenants: 2,
      people: 1500,
      inDrip: 400,
      throughput: 150,
      lease: 3,
      ...SLOW,
    });
    const random = randomOf(seed);
    const proxy = await startPgProxy(world.databaseUrl);
    proxy.bytesOf = () => (random() < 0.3 ? random() * 200_000 : Number.POSITIVE_INFINITY);
    proxy.fateOfCommit = () => {
      const roll = random();
      return roll < 0.02 ? "unanswered" : roll < 0.03 ? "lost" : "pass";
    };
    await survive(world, { interruptions: 50, atOnce: 2, databaseUrl: proxy.url });
    console.log(`seed ${seed}: ${proxy.broken} sessions broke`);
    expect(proxy.broken).toBeGreaterThan(20);
  });

  it("forty before an API that resets, throttles and babbles lose nothing and repeat nothing", async () => {
    const settings = { maxAttempts: 6 };
    const world = await makeWorld({ tenants: 2, people: 1500, throughput: 150, lease: 3, settings, ...SLOW });
    const random = randomOf(seed);
    const misdeeds: Misdeed[] = [
      reset,
      acceptedBut(reset),
      PROXY_PAGE,
      acceptedBut(PROXY_PAGE),
      pageWith200,
      emptyWith200,
      truncated,
      refuseWith(500, 131000),
    ];
    let throttles = 5;
    const api = await startFaultyApi(world.simulator.url, (_to, n) => {
      if (n > 1 || random() > 0.05) return undefined;
      if (throttles-- > 0) return refuseWith(429, 130429, { "retry-after": "3" });
      return misdeeds[Math.floor(random() * misdeeds.length)];
    });
    await world.sendThrough(api.url);
    await survive(world, { interruptions: 40, atOnce: 2 });
  });
});

describe(`a twentieth of the webhooks lost, and unknown outcomes held (seed ${seed})`, () => {
  const given: WorldOptions = {
    tenants: 2,
    people: 1500,
    inDrip: 300,
    throughput: 150,
    lease: 3,
    settings: { onUnknown: "hold" },
    ...SLOW,
  };

  it("repeats nothing after thirty kills and stops, and what nobody knows is unknown for a person to see", async () => {
    const world = await makeWorld(given);
    const random = randomOf(seed + 1);
    const isKept = () => random() >= 0.05;
    await chaos(world, { seed, interruptions: 30, atOnce: 2, lostWebhooks: 0.05 });
    await finish(world, isKept);
    const history = await world.history();
    console.log(`seed ${seed}: ${inWords(history)}`);
    const { duplicated, unexpected, unknown } = history;
    expect({ duplicated, unexpected }, `seed ${seed}`).toEqual({ duplicated: [], unexpected: [] });
    expect(
      history.lost.filter((row) => !row.endsWith(" is unknown")),
      `seed ${seed}`,
    ).toEqual([]);
    const open = await world.query(
      "select from bulk_message_jobs where status in ('pending', 'dispatching')",
    );
    expect(open).toEqual([]);
    for (const tenant of world.tenants) {
      const status = await world.adsapp("status", "--org", tenant.slug, "--format", "json");
      expect(status.exitCode, status.stderr).toBe(0);
      const held = (JSON.parse(status.stdout) as { campaigns: { held?: number }[] }).campaigns;
      expect(
        held.reduce((sum, campaign) => sum + (campaign.held ?? 0), 0),
        status.stdout,
      ).toBe(
        (
          await world.query(
            "select from bulk_message_jobs where status = 'unknown' and organization_id = $1",
            [tenant.id],
          )
        ).length,
      );
    }
    expect(unknown.length).toBeGreaterThan(0);
    await world.expectCleanAudit();
  });
});
