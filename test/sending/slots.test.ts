import { describe, expect, it } from "vitest";
import { LaneSlots, Slots } from "../../src/sending/slots.ts";

const nobody = () => {};

describe("the POSTs that a process may have open", () => {
  it("are as many as was said, and one that ended makes room for another", () => {
    const slots = new Slots(2);
    expect([slots.take(nobody), slots.take(nobody), slots.take(nobody)]).toEqual([true, true, false]);
    slots.give();
    expect([slots.take(nobody), slots.take(nobody)]).toEqual([true, false]);
  });

  it("go to whoever waits, one lane for each that ends, in turn", () => {
    const slots = new Slots(1);
    const woken: string[] = [];
    slots.take(nobody);
    const [first, second] = ["first", "second"].map((name) => () => void woken.push(name)) as [
      () => void,
      () => void,
    ];
    slots.take(first);
    slots.take(second);
    slots.take(first); // asks again, and waits no longer for it
    slots.give();
    expect(woken).toEqual(["first"]);
    slots.take(nobody);
    slots.give();
    expect(woken).toEqual(["first", "second"]);
  });

  it("keep nobody waiting for a lane that was woken and ended instead", () => {
    const slots = new Slots(1);
    const woken: string[] = [];
    const ending = () => {};
    slots.take(nobody);
    slots.take(ending);
    slots.take(() => void woken.push("other"));
    slots.give(); // wakes the one that ends
    expect(woken).toEqual([]);
    slots.leave(ending);
    expect(woken).toEqual(["other"]);
  });
});

describe("a lane's share of them", () => {
  it("is no more than its provider takes", () => {
    const slots = new LaneSlots(1, undefined, nobody);
    expect([slots.take(), slots.mayBeFree, slots.take(), slots.taken]).toEqual([true, false, false, 1]);
    slots.give();
    expect([slots.mayBeFree, slots.taken]).toEqual([true, 0]);
  });

  it("is asked for again only when the process has one again", () => {
    const shared = new Slots(1);
    const told: string[] = [];
    const [one, other] = ["one", "other"].map(
      (name) => new LaneSlots(5, shared, () => void told.push(name)),
    ) as [LaneSlots, LaneSlots];
    expect([one.take(), other.take(), other.mayBeFree, other.taken]).toEqual([true, false, false, 0]);
    one.give();
    expect([told, other.mayBeFree, other.take()]).toEqual([["other"], true, true]);
  });

  it("goes to another where it ends instead of taking what it was told of", () => {
    const shared = new Slots(1);
    const told: string[] = [];
    const [one, ending, other] = ["one", "ending", "other"].map(
      (name) => new LaneSlots(5, shared, () => void told.push(name)),
    ) as [LaneSlots, LaneSlots, LaneSlots];
    for (const slots of [one, ending, other]) slots.take();
    one.give();
    ending.leave();
    expect([told, other.take()]).toEqual([["ending", "other"], true]);
  });
});
