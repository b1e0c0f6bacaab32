import { describe, expect, it } from "vitest";
import { makeBroadcast } from "../support/broadcast.ts";
import { expectEachOnce, finish, interruptedTick, randomOf } from "./crash.ts";

const PEOPLE = 3_000;
const INTERRUPTIONS = 40;

/** `SEED=… npm run test:long` repeats a run. */
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

describe(`forty kills and stops at random (seed ${seed})`, () => {
  it("lose nothing and repeat nothing over 3,000 messages while webhooks arrive", async () => {
    const random = randomOf(seed);
    const broadcast = await makeBroadcast({
      people: PEOPLE,
      simulator: { latencyMs: 10, shuffle: true, duplicateStatuses: 0.05 },
    });
    for (let n = 0; n < INTERRUPTIONS; n++) {
      const signal = random() < 0.7 ? "SIGKILL" : "SIGTERM";
      const ended = await interruptedTick(broadcast, signal, Math.floor(random() * 120));
      expect([0, "SIGKILL"], `seed ${seed}, interruption ${n}`).toContain(ended);
      if (random() < 0.8) await broadcast.expireLeases();
      if (random() < 0.5) await broadcast.takeInWebhooks();
    }
    await finish(broadcast);
    await expectEachOnce(broadcast);
  });
});

describe("a tick that is killed", () => {
  it("again and again, wherever it stands, ends in the same books", async () => {
    const random = randomOf(20_261_127);
    const broadcast = await makeBroadcast({ people: 600, simulator: { latencyMs: 15 } });
    for (let kill = 0; kill < 6; kill++) {
      await interruptedTick(broadcast, "SIGKILL", Math.floor(random() * 90));
      await broadcast.expireLeases();
      if (random() < 0.5) await broadcast.takeInWebhooks();
    }
    await finish(broadcast);
    await expectEachOnce(broadcast);
  });

  it("five times politely is harmless", async () => {
    const broadcast = await makeBroadcast({ people: 400, simulator: { latencyMs: 20 } });
    for (let stop = 0; stop < 5; stop++) expect(await interruptedTick(broadcast, "SIGTERM", 40)).toBe(0);
    await finish(broadcast);
    await expectEachOnce(broadcast);
  });
});
