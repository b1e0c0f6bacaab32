/** Due times are rounded up to this, so that looking for due ones stays cheap however many wait. */
const SLOT_MS = 250;

/** What waits for its time on the simulator's clock. Comes out by slots of time, and inside one in the order put in. */
export class Schedule<T> {
  #slots = new Map<number, T[]>();

  add(item: T, due: number): void {
    const slot = Math.ceil(due / SLOT_MS);
    const waiting = this.#slots.get(slot);
    if (waiting === undefined) this.#slots.set(slot, [item]);
    else waiting.push(item);
  }

  /** Takes out what is due. @param now in epoch milliseconds; Infinity takes all */
  take(now: number): T[] {
    const due = [...this.#slots.keys()].filter((slot) => slot * SLOT_MS <= now).sort((a, b) => a - b);
    return due.flatMap((slot) => {
      const items = this.#slots.get(slot) ?? [];
      this.#slots.delete(slot);
      return items;
    });
  }
}
