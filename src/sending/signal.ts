interface Waiter {
  isSo: () => boolean;
  goOn: () => void;
}

/** "Something changed, look again": loops wait on it instead of polling, and wake only for what they wait for. */
export class Signal {
  #waiting: Waiter[] = [];

  notify(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const waiter of waiting) {
      if (waiter.isSo()) waiter.goOn();
      else this.#waiting.push(waiter);
    }
  }

  /** Resolves at once or at the first notify at which it is so. It may be otherwise again when the waiting one goes on. */
  until(isSo: () => boolean): Promise<void> {
    return isSo() ? Promise.resolve() : new Promise((goOn) => this.#waiting.push({ isSo, goOn }));
  }
}
