import { expect, it, onTestFinished } from "vitest";
import { setup } from "../sending/setup.ts";
import { expectForetold } from "./dry-run-property.ts";

it("a tick sends and skips of each campaign as many as a dry run told, which changed not a row", async () => {
  const s = await setup();
  onTestFinished(() => s.end());
  const first = Number(process.env.DRY_RUN_SEED ?? 200);
  const seeds = Array.from({ length: 30 }, (_, n) => first + n);
  expect(await expectForetold(s, seeds)).toBeGreaterThan(100);
  await s.expectCleanAudit();
});
