/** Meta's limit in messages a second, one bucket a phone number: it holds a second's worth and refills evenly. */
export class Throughput {
  readonly #perSecond: number;
  readonly #buckets = new Map<string, { room: number; at: number }>();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** @returns false when the number has no room at this moment */
  take(phoneNumberId: string, now: Date): boolean {
    const at = now.getTime();
    const bucket = this.#buckets.get(phoneNumberId) ?? { room: this.#perSecond, at };
    const refilled = (Math.max(0, at - bucket.at) / 1000) * this.#perSecond;
    const room = Math.min(this.#perSecond, bucket.room + refilled);
    this.#buckets.set(phoneNumberId, { room: room >= 1 ? room - 1 : room, at });
    return room >= 1;
  }
}
