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
