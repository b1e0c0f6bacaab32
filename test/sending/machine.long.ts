import { afterAll, beforeAll, expect, it } from "vitest";
import { walk } from "./machine.ts";
import { type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(() => s.end());

it("walks its states only in 120 histories of any seed (printed when one fails)", async () => {
  expect(await walk(s, { numRuns: 120 })).toEqual([]);
});
