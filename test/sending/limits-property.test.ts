import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LIMITS, playHistories } from "./limits-model.ts";
import { type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(() => s.end());

describe("limits", () => {
  it("hold for any schedule of claims, outcomes, crashes, restarts, pauses and clocks, over all senders", async () => {
    expect(await playHistories(s, { numRuns: 5, seed: 20_261_128, endOnFailure: true })).toEqual(LIMITS);
  });
});
