import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pace } from "../../src/sending/pace.ts";

/** Sends as fast as the pace allows on a clock of its own; gives the times in milliseconds. */
function timetable(
  perSecond: number,
  messages: number,
  idleBefore: (n: number) => number = () => 0,
): number[] {
  let now = 0;
  const pace = new Pace(perSecond, () => now);
  return Array.from({ length: messages }, (_, n) => {
    now += idleBefore(n);
    now += pace.next();
    return now;
  });
}

function mostInOneSecond(times: readonly number[]): number {
  return Math.max(...times.map((from) => times.filter((t) => t >= from && t < from + 1000).length));
}

describe("the pace of a lane", () => {
  it("stays under the sender's throughput in every rolling second", () => {
    expect(mostInOneSecond(timetable(80, 400))).toBeLessThanOrEqual(80);
  });

  it("lets no burst follow a pause of more than a tenth of a second's worth", () => {
    const times = timetable(80, 300, (n) => (n === 100 ? 60_000 : 0));
    expect(mostInOneSecond(times.slice(100))).toBeLessThanOrEqual(80 + 8);
  });

  it("uses the throughput: within three percent of it when nothing else waits", () => {
    const times = timetable(80, 800);
    expect(800 / ((times.at(-1) as number) / 1000)).toBeGreaterThan(80 * 0.97);
  });

  it("halves when throttled and recovers within ten seconds", () => {
    let now = 0;
    const pace = new Pace(100, () => now);
    pace.slowDown();
    expect(pace.rate).toBeCloseTo(49, 0);
    now += 10_000;
    expect(pace.rate).toBeCloseTo(98, 0);
    expect(pace.isSlowed).toBe(false);
  });

  it("keeps to any throughput, whatever pauses come between", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 50, maxLength: 200 }),
        (rate, idle) => {
          const times = timetable(rate, idle.length, (n) => idle[n] as number);
          expect(mostInOneSecond(times)).toBeLessThanOrEqual(rate + Math.ceil(rate * 0.1) + 1);
        },
      ),
      { numRuns: 50 },
    );
  });
});
