import { expect, it } from "vitest";
import { expectWhatTicksDo } from "./explain-property.ts";

it("a tick does with each message what explain said of it (by many seeds: explain-property.long.ts)", async () => {
  const met = await expectWhatTicksDo([9], 1);
  expect(Object.keys(met)).toContain("sent by all");
});
