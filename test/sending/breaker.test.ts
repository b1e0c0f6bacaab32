import { describe, expect, it } from "vitest";
import { Breaker } from "../../src/sending/breaker.ts";
import type { Outcome } from "../../src/sending/outcomes.ts";

const sent: Outcome = { row: "sent", afterSeconds: 0, errorCode: null, error: null, providerMessageId: "x" };
const ourFault: Outcome = {
  row: "failed",
  afterSeconds: 0,
  errorCode: "132000",
  error: "parameters",
  providerMessageId: null,
  effect: "our_fault",
};

describe("the breaker", () => {
  it("stops a campaign at the fifth fault of ours in a row, not at the fourth", () => {
    const breaker = new Breaker();
    expect([1, 2, 3, 4].map(() => breaker.heard("a", ourFault))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(breaker.heard("a", ourFault)).toContain("132000");
  });

  it("stops it at a fifth of the last hundred, also when they are spread", () => {
    const breaker = new Breaker();
    const verdicts = Array.from({ length: 30 }, (_, n) => breaker.heard("a", n % 4 === 3 ? ourFault : sent));
    expect(verdicts.some((verdict) => verdict !== undefined)).toBe(true);
  });

  it("keeps campaigns apart, and lets single faults pass", () => {
    const breaker = new Breaker();
    const verdicts = Array.from({ length: 200 }, (_, n) =>
      breaker.heard(n % 2 === 0 ? "a" : "b", n % 40 === 0 ? ourFault : sent),
    );
    expect(verdicts.every((verdict) => verdict === undefined)).toBe(true);
  });
});
