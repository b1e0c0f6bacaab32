import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Schedule } from "../../src/simulator/schedule.ts";

describe("a schedule", () => {
  it("gives each thing once, never before its time and at most a quarter of a second late", () => {
    const moments = fc.array(fc.integer({ min: 0, max: 10_000 }));
    fc.assert(
      fc.property(moments, moments, (dues, looks) => {
        const schedule = new Schedule<number>();
        for (const due of dues) schedule.add(due, due);
        const waiting = new Set(dues);
        const taken = looks
          .toSorted((a, b) => a - b)
          .flatMap((now) => {
            const items = schedule.take(now);
            expect(items.filter((due) => due > now)).toEqual([]);
            for (const due of items) waiting.delete(due);
            expect([...waiting].filter((due) => due + 250 <= now)).toEqual([]);
            return items;
          });
        expect([...taken, ...schedule.take(Number.POSITIVE_INFINITY)].toSorted()).toEqual(dues.toSorted());
      }),
    );
  });

  it("keeps things of the same moment in the order in which they were put in", () => {
    const schedule = new Schedule<string>();
    for (const word of ["sent", "delivered", "read"]) schedule.add(word, 0);
    schedule.add("earlier", -1000);
    expect(schedule.take(0)).toEqual(["earlier", "sent", "delivered", "read"]);
    expect(schedule.take(0)).toEqual([]);
  });
});
