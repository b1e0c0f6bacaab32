import { describe, expect, it } from "vitest";
import { Signal } from "../../src/sending/signal.ts";

/** What has gone on by the time that all that could has. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe("a signal", () => {
  it("lets whoever waits for what is so already go on at once", async () => {
    await new Signal().until(() => true);
  });

  it("wakes only those for whom it has become so, and the others when it has for them", async () => {
    const signal = new Signal();
    const gone: string[] = [];
    let count = 0;
    for (const wanted of [1, 2]) void signal.until(() => count >= wanted).then(() => gone.push(`${wanted}`));
    signal.notify();
    await settled();
    expect(gone).toEqual([]);
    count = 1;
    signal.notify();
    await settled();
    expect(gone).toEqual(["1"]);
    count = 2;
    signal.notify();
    await settled();
    expect(gone).toEqual(["1", "2"]);
  });

  it("forgets who has gone on", async () => {
    const signal = new Signal();
    let asked = 0;
    let isSo = false;
    const went = signal.until(() => {
      asked++;
      return isSo;
    });
    isSo = true;
    signal.notify();
    await went;
    signal.notify();
    expect(asked).toBe(2);
  });
});
