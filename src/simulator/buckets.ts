/** A limit that fills up again evenly: one bucket a key, each with room for `burst`. */
export class Buckets {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #buckets = new Map<string, { room: number; at: number }>();

  /** @param burst how much goes through at once; a second's worth unless given */
  constructor(perSecond: number, burst = perSecond) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  /** @returns false when the key has no room at this moment */
  take(key: string, now: Date): boolean {
    const at = now.getTime();
    const bucket = this.#buckets.get(key) ?? { room: this.#burst, at };
    const refilled = (Math.max(0, at - bucket.at) / 1000) * this.#perSecond;
    const room = Math.min(this.#burst, bucket.room + refilled);
    this.#buckets.set(key, { room: room >= 1 ? room - 1 : room, at });
    return room >= 1;
  }
}
