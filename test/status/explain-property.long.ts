import { expect, it } from "vitest";
import { expectWhatTicksDo } from "./explain-property.ts";

const GATES = [
  ...["message", "organization", "campaign", "audience", "next_attempt", "canary", "lateness", "sender"],
  ...["hourly_limit", "messaging_limit"],
].map((gate) => `as it was by ${gate}`);
const SKIPS = [
  ...[
    "send_before",
    "contact",
    "consent",
    "service_window",
    "frequency_cap",
    "variables",
    "exit",
    "condition",
  ],
].map((gate) => `skipped by ${gate}`);

it("a tick does with each message what explain said of it, and every gate is met", {
  timeout: 1_800_000,
}, async () => {
  const first = Number(process.env.EXPLAIN_SEED ?? 100);
  const met = await expectWhatTicksDo(Array.from({ length: 40 }, (_, n) => first + n));
  expect(Object.keys(met)).toEqual(
    expect.arrayContaining([...GATES, ...SKIPS, "put off by hours", "sent by all"]),
  );
});
