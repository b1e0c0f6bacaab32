import fc from "fast-check";
import { describe, expect, it } from "vitest";
import codes from "../../src/sending/error-codes.json" with { type: "json" };
import { actionOf, outcomeOf, retryWait } from "../../src/sending/outcomes.ts";
import type { Refusal } from "../../src/sending/providers/provider.ts";

const first = { attempts: 1, waits: 0 };

function refusal(overrides: Partial<Refusal>): { kind: "refused"; refusal: Refusal } {
  return {
    kind: "refused",
    refusal: {
      httpStatus: 400,
      code: null,
      subcode: null,
      details: "",
      transient: false,
      retryAfterSeconds: null,
      ...overrides,
    },
  };
}

describe("the outcome of a send", () => {
  it("is sent when the API gave an id", () => {
    expect(outcomeOf({ kind: "accepted", providerMessageId: "wamid.1" }, first)).toMatchObject({
      row: "sent",
      providerMessageId: "wamid.1",
    });
  });

  it("waits 1, 2 and 4 minutes after the first, second and third attempt", () => {
    expect([1, 2, 3].map(retryWait)).toEqual([60, 120, 240]);
  });

  it("is unknown, never a retry, when the answer was lost", () => {
    expect(outcomeOf({ kind: "unknown", reason: "ECONNRESET" }, first).row).toBe("unknown");
  });

  it("is a retry when not one byte was taken", () => {
    expect(outcomeOf({ kind: "unsent", reason: "ECONNREFUSED" }, { attempts: 2, waits: 0 })).toMatchObject({
      row: "retry",
      afterSeconds: 120,
    });
  });

  it.each([
    [131000, "retry", undefined],
    [130429, "later", "slow"],
    [80007, "later", "slow_account"],
    [131026, "undeliverable", undefined],
    [131050, "opted_out", undefined],
    [131049, "withheld", undefined],
    [131056, "wait", undefined],
    [130497, "failed", "close_country"],
    [131053, "failed", "our_fault"],
    [133006, "later", "halt_sender"],
    [131052, "failed", "our_fault"],
    [132000, "failed", "our_fault"],
    [132015, "later", "pause_campaign"],
    [131048, "later", "halt_sender"],
    [190, "later", "halt_account"],
    [250, "later", "halt_account"],
    [139102, "failed", "our_fault"],
  ] as const)("for code %i is %s with the effect %s", (code, row, effect) => {
    const outcome = outcomeOf(refusal({ code }), first);
    expect([outcome.row, outcome.effect]).toEqual([row, effect]);
  });

  it("honours Retry-After, and caps it at a quarter of an hour", () => {
    expect(outcomeOf(refusal({ code: 130429, retryAfterSeconds: 7 }), first).afterSeconds).toBe(7);
    expect(outcomeOf(refusal({ code: 130429, retryAfterSeconds: 1e9 }), first).afterSeconds).toBe(900);
  });

  it("waits ten minutes for a template that Meta is still syncing", () => {
    expect(outcomeOf(refusal({ code: 134101 }), first)).toMatchObject({ row: "retry", afterSeconds: 600 });
  });

  it("waits 1, 4, 16, 64 seconds for a pair limit", () => {
    const waits = [0, 1, 2, 3].map(
      (n) => outcomeOf(refusal({ code: 131056 }), { attempts: 1, waits: n }).afterSeconds,
    );
    expect(waits).toEqual([1, 4, 16, 64]);
  });

  it("defers what Meta withholds by a day, whatever other waits there were; a drip's step has failed", () => {
    for (const waits of [0, 1, 5])
      expect(outcomeOf(refusal({ code: 131049 }), { attempts: 1, waits, kind: "b" })).toMatchObject({
        row: "withheld",
        afterSeconds: 86_400,
      });
    expect(outcomeOf(refusal({ code: 131049 }), { ...first, kind: "d" }).row).toBe("failed");
  });

  it("tries media again that Meta could not fetch for a fault of its host that passes", () => {
    const details = "Media download failed with HTTP 503";
    expect(outcomeOf(refusal({ code: 131053, details }), first)).toMatchObject({ row: "retry" });
  });

  it("needs no 429 to see throttling, and sees it in a 429 without a body", () => {
    expect(outcomeOf(refusal({ code: 130429, httpStatus: 400 }), first).effect).toBe("slow");
    expect(outcomeOf(refusal({ code: null, httpStatus: 429 }), first).effect).toBe("slow");
  });

  it("for an unknown code is a retry when Meta says that it passes, else our own fault", () => {
    expect(actionOf({ code: 999_999, subcode: null, httpStatus: 500, transient: false, details: "" })).toBe(
      "RETRY",
    );
    expect(actionOf({ code: 999_999, subcode: null, httpStatus: 400, transient: true, details: "" })).toBe(
      "RETRY",
    );
    expect(actionOf({ code: 999_999, subcode: null, httpStatus: 400, transient: false, details: "" })).toBe(
      "FIX",
    );
  });

  it("has a row for every code of the table, and never sends twice on a refusal", () => {
    for (const { code, action } of codes) {
      for (const end of code.split("-")) {
        const answer = refusal({ code: Number(end) });
        expect(action === "MEDIA" || actionOf(answer.refusal) === action, code).toBe(true);
        expect(outcomeOf(answer, first).row).not.toBe("sent");
      }
    }
  });

  it("is one of the known words for whatever the API may say", () => {
    const anyRefusal = fc.record({
      httpStatus: fc.integer({ min: 300, max: 599 }),
      code: fc.option(fc.integer(), { nil: null }),
      subcode: fc.option(fc.integer(), { nil: null }),
      details: fc.string(),
      transient: fc.boolean(),
      retryAfterSeconds: fc.option(fc.double({ min: 0, noNaN: true }), { nil: null }),
    });
    fc.assert(
      fc.property(
        anyRefusal,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 9 }),
        (r, attempts, waits) => {
          const outcome = outcomeOf({ kind: "refused", refusal: r }, { attempts, waits });
          expect(["retry", "wait", "later", "withheld", "failed", "opted_out", "undeliverable"]).toContain(
            outcome.row,
          );
          expect(outcome.afterSeconds).toBeGreaterThanOrEqual(0);
          expect(outcome.afterSeconds).toBeLessThanOrEqual(86_400);
        },
      ),
    );
  });
});
