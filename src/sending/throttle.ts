import { APP_RECOVERY_SECONDS, LONGEST_REST_IN_LANE } from "./effects.ts";
import type { Pace } from "./pace.ts";

/** What Meta's throttling does to a lane that is at work: it goes slower, and rests. */
export class Throttle {
  readonly #pace: Pace;
  #rests = false;
  #slowedAt = Number.NEGATIVE_INFINITY;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /** The rest that Meta asked for is too long to be kept inside the lane: it is given back. */
  get rests(): boolean {
    return this.#rests;
  }

  /** What was in the air is answered alike: it counts once a second. @returns whether it counts */
  slowDown(effect: "slow" | "slow_account", restSeconds: number): boolean {
    const rests = restSeconds > LONGEST_REST_IN_LANE;
    const counts = !this.#rests && (rests || performance.now() >= this.#slowedAt + 1000);
    this.#rests ||= rests;
    if (!rests) this.#pace.rest(restSeconds * 1000);
    if (!counts) return false;
    this.#slowedAt = performance.now();
    this.#pace.slowDown(effect === "slow_account" ? APP_RECOVERY_SECONDS : undefined);
    return true;
  }
}
