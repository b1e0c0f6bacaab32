import { describe, it } from "vitest";
import { expectMonthOf } from "./month.ts";

/** `SEED=… npm run test:long` makes the choices of a run again; the machine's timing is its own. */
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Every 33rd number is none of WhatsApp's: no failure is tried again. */
const NOWHERE = Object.fromEntries(
  Array.from({ length: 300 }, (_, n) => [String(n * 33).padStart(4, "0"), 131026]),
);

describe(`a random month with crashes: reports say what the simulator's own log says, and a rebuild changes nothing (seed ${seed})`, () => {
  it("with failures of every kind, of which some are tried again", () =>
    expectMonthOf(seed, { shares: { delivered: 0.95, read: 0.6, failed: 0.03 } }));

  it("with people who say STOP", () =>
    // whoever does is not sent again what failed, which no log of an API knows
    expectMonthOf(seed + 1, {
      shares: { delivered: 0.95, read: 0.6, failed: 0 },
      stopShare: 0.01,
      failures: NOWHERE,
    }));
});
