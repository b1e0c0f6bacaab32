/** Meta's worst rolling second must stay under the limit, so the pace aims a little below (sending-findings, pacing). */
const AIM = 0.98;
const ARREARS_SECONDS = 0.1;
/** from nothing back to the full rate */
export const RECOVERY_SECONDS = 10;
const SLOWEST = 1;

/**
 * The exact throughput of a lane: each message has its due time, and time lost is made up for by at most a tenth
 * of a second, so that no burst follows a pause. Runs on a monotonic clock (milliseconds).
 */
export class Pace {
  readonly #perSecond: number;
  readonly #clock: () => number;
  #factor = 1;
  #recoveryPerSecond = 1 / RECOVERY_SECONDS;
  #due: number;
  #factorSetAt: number;

  constructor(perSecond: number, clock: () => number = () => performance.now()) {
    this.#perSecond = perSecond * AIM;
    this.#clock = clock;
    this.#due = clock();
    this.#factorSetAt = this.#due;
  }

  /** messages a second at this moment */
  get rate(): number {
    this.#recover();
    return Math.max(SLOWEST, this.#perSecond * this.#factor);
  }

  /** How many may go out at once without waiting: the arrears that a pause leaves, at least one. */
  get burst(): number {
    return Math.max(1, Math.floor(this.rate * ARREARS_SECONDS));
  }

  /** Takes the next turn. @returns milliseconds to wait before it */
  next(): number {
    const now = this.#clock();
    const turn = Math.max(this.#due, now - ARREARS_SECONDS * 1000);
    this.#due = turn + 1000 / this.rate;
    return Math.max(0, turn - now);
  }

  /** The number is throttled: half the rate, then back up by a tenth of the full rate a second, unless told otherwise. */
  slowDown(recoverySeconds = RECOVERY_SECONDS): void {
    this.#recover();
    this.#factor = Math.max(this.#factor / 2, SLOWEST / this.#perSecond);
    this.#recoveryPerSecond = 1 / recoverySeconds;
  }

  /** What the database says of the lane: another process, or another lane of the token, was throttled. */
  keepTo(factor: number, fullRateInSeconds: number): void {
    this.#recover();
    if (factor >= this.#factor || fullRateInSeconds <= 0) return;
    this.#factor = factor;
    this.#recoveryPerSecond = (1 - factor) / fullRateInSeconds;
  }

  /** Nothing goes out for so long. */
  rest(milliseconds: number): void {
    this.#due = Math.max(this.#due, this.#clock() + milliseconds);
  }

  get isSlowed(): boolean {
    this.#recover();
    return this.#factor < 1;
  }

  #recover(): void {
    const now = this.#clock();
    this.#factor = Math.min(1, this.#factor + ((now - this.#factorSetAt) / 1000) * this.#recoveryPerSecond);
    this.#factorSetAt = now;
  }
}

/** Short waits are left to the next timer round: setTimeout is only exact to a millisecond. */
export function pause(milliseconds: number): Promise<void> | undefined {
  return milliseconds < 1 ? undefined : new Promise((resolve) => setTimeout(resolve, milliseconds));
}
