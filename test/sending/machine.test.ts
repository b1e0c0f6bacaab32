import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TRANSITIONS } from "../../src/sending/machine.ts";
import { walk } from "./machine.ts";
import { type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(() => s.end());

describe("a job", () => {
  it("walks its states only, whatever comes in whatever order, and the books stay clean", async () => {
    expect(await walk(s, { numRuns: 16, seed: 20_261_127 })).toEqual([]);
  }, 180_000);
});

describe("the table of its states", () => {
  it("lets nothing be dispatched but what is pending, and a message that was read rest", () => {
    const before = Object.entries(TRANSITIONS).filter(([, steps]) => steps.dispatching !== undefined);
    expect(before.map(([from]) => from)).toEqual(["pending"]);
    expect(TRANSITIONS.read).toEqual({});
  });
});
