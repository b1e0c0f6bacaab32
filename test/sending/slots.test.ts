import { describe, expect, it } from "vitest";
import { Slots } from "../../src/sending/slots.ts";

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
