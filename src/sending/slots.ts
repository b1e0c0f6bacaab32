/** How many POSTs a process may have open, shared by its lanes: who waits gets the next free one, in turn. */
export class Slots {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** @param wake called once, when there may be a free one; not called if this returns true */
  take(wake: () => void): boolean {
    if (this.#free > 0) {
      this.#free--;
      return true;
    }
    this.#waiting.add(wake);
    return false;
  }

  give(): void {
    this.#free++;
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#waiting.delete(next);
    next();
  }

  /** A lane that ends: whoever it kept waiting goes on. */
  leave(wake: () => void): void {
    this.#waiting.delete(wake);
    if (this.#free === 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const each of waiting) each();
  }
}

/** What of it one lane has: no more than its provider takes. */
export class LaneSlots {
  readonly #most: number;
  readonly #shared: Slots | undefined;
  readonly #onFree: () => void;
  #taken = 0;
  #waits = false;

  /** @param onFree called when the process has one again, after it had none */
  constructor(most: number, shared: Slots | undefined, onFree: () => void) {
    this.#most = most;
    this.#shared = shared;
    this.#onFree = onFree;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Whether it is worth asking. */
  get mayBeFree(): boolean {
    return this.#taken < this.#most && !this.#waits;
  }

  take(): boolean {
    if (!this.mayBeFree) return false;
    this.#waits = this.#shared?.take(this.#wake) === false;
    if (!this.#waits) this.#taken++;
    return !this.#waits;
  }

  give(): void {
    this.#taken--;
    this.#shared?.give();
  }

  leave(): void {
    this.#shared?.leave(this.#wake);
  }

  readonly #wake = () => {
    this.#waits = false;
    this.#onFree();
  };
}
