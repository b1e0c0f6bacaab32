import type { Database } from "../db/database.ts";
import { type Lane, renewLane } from "./lane.ts";

/** Nothing is dispatched in the last tenth of a lease: a write takes time. */
const MARGIN = 0.1;
/** A lane asks so often whether it is still wanted: `org pause` and a halt from elsewhere count within two seconds. */
const LOOK_UP_MS = 1_000;

/** How fast the number may go, as the database has it. */
type OnRenewed = (speed: Awaited<ReturnType<typeof renewLane>>) => void;

/** The right to dispatch in a lane, renewed while it is worked. */
export class Lease {
  readonly #database: Database;
  readonly #lane: Lane;
  readonly #seconds: number;
  readonly #onRenewed: OnRenewed;
  readonly #timer: NodeJS.Timeout;
  #safeUntil: number;
  #isLost = false;
  #isRenewing = false;

  /** @param takenAt from before the lane was asked for, by this process's monotonic timer (milliseconds) */
  constructor(database: Database, lane: Lane, seconds: number, takenAt: number, onRenewed: OnRenewed) {
    this.#database = database;
    this.#lane = lane;
    this.#seconds = seconds;
    this.#onRenewed = onRenewed;
    this.#safeUntil = this.#endOf(takenAt);
    this.#timer = setInterval(() => void this.#renew(), Math.min((seconds * 1000) / 3, LOOK_UP_MS));
  }

  /** Lost once, lost for good: the loop that saw it first has ended, and a late renewal must not let the other wait for it. */
  get isLost(): boolean {
    this.#isLost ||= performance.now() >= this.#safeUntil;
    return this.#isLost;
  }

  end(): void {
    clearInterval(this.#timer);
  }

  async #renew(): Promise<void> {
    if (this.#isRenewing) return; // a database that stands still is not to be filled with questions
    this.#isRenewing = true;
    const asked = performance.now();
    try {
      const speed = await renewLane(this.#database, this.#lane, this.#seconds);
      if (speed === undefined) this.#isLost = true;
      else this.#safeUntil = this.#endOf(asked);
      this.#onRenewed(speed);
    } catch {
      this.#onRenewed(undefined); // the lease runs out by itself, and with it the right to dispatch
    }
    this.#isRenewing = false;
  }

  #endOf(askedAt: number): number {
    return askedAt + this.#seconds * 1000 * (1 - MARGIN);
  }
}
