import { expect, it } from "vitest";
import { expectWhatTicksDo } from "./explain-property.ts";

it("a tick does with each message what explain said of it", { timeout: 600_000 }, async () => {
  const met = await expectWhatTicksDo(Array.from({ length: 30 }, (_, n) => n + 13));
  console.log(met);
  expect(met).toMatchObject({ "sent by all": expect.any(Number) });
});
