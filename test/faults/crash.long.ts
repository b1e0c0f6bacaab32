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
