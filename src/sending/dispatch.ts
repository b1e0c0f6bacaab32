import type { Database } from "../db/database.ts";
import { Breaker } from "./breaker.ts";
import { type ClaimedJob, claimWindows, isEmpty, type Window } from "./claim.ts";
import { ClosedCountries } from "./closed-countries.ts";
import { applyEffect } from "./effects.ts";
import { type Lane, lastOutcomes, pauseCampaign, releaseLane, renewLane } from "./lane.ts";
import { countRecorded, type LaneReport, noCounts } from "./lane-report.ts";
import { COUNTRY_CLOSED, HANDED_BACK, missingVariable } from "./not-dispatched.ts";
import { type Effect, type Outcome, outcomeOf } from "./outcomes.ts";
import { Pace, pause } from "./pace.ts";
import { PairPace } from "./pair-pace.ts";
import type { Provider } from "./providers/provider.ts";
import { Recorder } from "./recorder.ts";
import { type Rendered, Renderer } from "./render.ts";
import { Signal } from "./signal.ts";
import { Throttle } from "./throttle.ts";

const LARGEST_WINDOW = 500;
const RECORD_BACKLOG = 2_000;
const GRACE_MS = 20_000;
/** Nothing is dispatched in the last tenth of a lease: a write takes time. */
const LEASE_MARGIN = 0.1;
/** A lane asks so often whether it is still wanted: `org pause` and a halt from elsewhere count within two seconds. */
const LOOK_UP_MS = 1_000;

export interface DispatchOptions {
  database: Database;
  lane: Lane;
  provider: Provider;
  leaseSeconds: number;
  /** stop claiming, let open POSTs end, hand the rest back: budget spent, SIGTERM */
  stopping: AbortSignal;
  /** give up open POSTs too; they become unknown */
  aborting: AbortSignal;
  /** the tick's clock, for times that are written down */
  now: () => Date;
}

interface Turn {
  job: ClaimedJob;
  windowId: string;
}

/**
 * Works one lane until nothing is due, the tick stops, or the lane is lost: claims ahead, dispatches at the lane's
 * pace, records behind, all at the same time, with memory for two windows whatever the campaign's size.
 */
export class Dispatch {
  readonly #o: DispatchOptions;
  readonly #pace: Pace;
  readonly #throttle: Throttle;
  readonly #recorder: Recorder;
  readonly #renderer: Renderer;
  readonly #breaker = new Breaker();
  readonly #changed = new Signal();
  readonly #abort = new AbortController();
  readonly #pausedCampaigns = new Set<string>();
  readonly #closedCountries = new ClosedCountries();
  readonly #report: LaneReport = { ...noCounts(), halted: null, fault: undefined };
  readonly #queue: Turn[] = [];
  readonly #pending: Promise<unknown>[] = [];
  #inFlight = 0;
  #exhausted = false;
  #lost = false;
  #isRenewing = false;
  readonly #takenAt: Date;
  #safeUntil: number;

  constructor(options: DispatchOptions, leaseTakenAt: number) {
    this.#o = options;
    this.#pace = new Pace(options.lane.throughputPerSecond);
    this.#throttle = new Throttle(this.#pace);
    this.#pace.keepTo(options.lane.rateFactor ?? 1, options.lane.fullRateInSeconds ?? 0);
    this.#takenAt = options.now();
    this.#renderer = new Renderer(options.database);
    this.#recorder = new Recorder(options.database, options.lane, (recorded, status) => {
      countRecorded(this.#report, recorded, status);
      this.#changed.notify();
    });
    this.#safeUntil = this.#leaseEnd(leaseTakenAt);
  }

  async run(): Promise<LaneReport> {
    const { stopping, aborting } = this.#o;
    const wake = () => this.#changed.notify();
    const giveUp = () => this.#abort.abort();
    stopping.addEventListener("abort", wake);
    aborting.addEventListener("abort", giveUp);
    const renewal = setInterval(
      () => void this.#renew(),
      Math.min((this.#o.leaseSeconds * 1000) / 3, LOOK_UP_MS),
    );
    try {
      await Promise.all([this.#orStop(this.#claimAhead()), this.#orStop(this.#dispatchAll())]);
      await this.#letOpenOnesEnd();
      this.#handBack();
      await this.#orStop(this.#recorder.drain());
      await this.#orStop(releaseLane(this.#o.database, this.#o.lane));
    } finally {
      clearInterval(renewal);
      stopping.removeEventListener("abort", wake);
      aborting.removeEventListener("abort", giveUp);
      await this.#o.provider.close().catch(() => {});
    }
    return this.#report;
  }

  /** A fault of one loop stops the others in good order: open POSTs end and are recorded. */
  async #orStop(work: Promise<unknown>): Promise<void> {
    await work.catch((error: unknown) => {
      this.#report.fault ??= error;
    });
    this.#changed.notify();
  }

  /** Keeps one window waiting behind the one that is being dispatched. */
  async #claimAhead(): Promise<void> {
    let size = Math.min(this.#pace.burst, LARGEST_WINDOW); // the first holds nothing that cannot go out at once
    try {
      const pairs = await PairPace.of(this.#o.database, this.#o.lane, this.#o.now);
      while (!this.#mustStop()) {
        if (this.#queue.length >= size / 2 || this.#recorder.backlog > RECORD_BACKLOG) {
          await this.#changed.wait();
          continue;
        }
        const windows = await claimWindows(this.#o.database, this.#o.lane, size, pairs);
        if (isEmpty(windows)) break;
        for (const window of windows) await this.#take(window);
        size = Math.min(LARGEST_WINDOW, Math.max(size * 2, 1), Math.max(1, Math.ceil(this.#pace.rate)));
      }
    } finally {
      this.#exhausted = true;
      this.#changed.notify();
    }
  }

  async #take({ id: windowId, jobs, skipped, deferred }: Window): Promise<void> {
    const turns = jobs.map((job) => ({ job, windowId }));
    this.#report.skipped += skipped;
    this.#report.deferred += deferred;
    this.#recorder.open(windowId, jobs.length);
    try {
      await this.#renderer.learn(jobs);
    } catch (error) {
      for (const turn of turns) this.#record(turn, HANDED_BACK, "", null);
      throw error;
    }
    this.#queue.push(...turns);
    this.#changed.notify();
  }

  async #dispatchAll(): Promise<void> {
    while (!this.#mustStop()) {
      const turn = this.#inFlight < this.#o.provider.concurrency ? this.#queue.shift() : undefined;
      if (turn === undefined) {
        if (this.#exhausted && this.#queue.length === 0) return;
        await this.#changed.wait();
        continue;
      }
      this.#changed.notify();
      await pause(this.#pace.next());
      if (this.#mustStop()) this.#queue.unshift(turn);
      else this.#dispatch(turn);
    }
  }

  #dispatch(turn: Turn): void {
    const message = this.#renderer.render(turn.job);
    const isPaused = this.#pausedCampaigns.has(turn.job.campaignId);
    if (isPaused) this.#record(turn, HANDED_BACK, "", null);
    else if (this.#closedCountries.has(turn.job)) this.#record(turn, COUNTRY_CLOSED, "", null);
    else if ("missing" in message) this.#record(turn, missingVariable(message.missing), "", null);
    else this.#post(turn, message);
  }

  #post(turn: Turn, message: Rendered): void {
    this.#inFlight++;
    void this.#o.provider.send(message.body, this.#abort.signal, this.#mayLeave).then((answer) => {
      this.#inFlight--;
      const outcome = outcomeOf(answer, turn.job);
      this.#record(turn, outcome, message.type, message.text);
      this.#heed(turn, outcome);
      this.#changed.notify();
    });
  }

  #record(turn: Turn, outcome: Outcome, type: string, body: string | null): void {
    const { job, windowId } = turn;
    this.#recorder.add({
      kind: job.kind,
      jobId: job.id,
      windowId,
      attempt: job.attempts,
      outcome,
      at: this.#o.now(),
      type,
      body,
    });
  }

  /** What an outcome means beside its row. */
  #heed(turn: Turn, outcome: Outcome): void {
    const { effect } = outcome;
    const why = `${outcome.errorCode}: ${outcome.error}`;
    const broken = this.#breaker.heard(turn.job.campaignId, outcome);
    if (broken !== undefined || effect === "pause_campaign") this.#pauseCampaign(turn.job, broken ?? why);
    else if (effect === "our_fault") this.#remember(turn.job, outcome);
    else if (effect === "close_country")
      this.#background(this.#closedCountries.close(this.#o.database, turn.job));
    else if (effect !== undefined) this.#heedLane(turn, effect, why, outcome.restSeconds ?? 0);
  }

  /** The lane, or all lanes of its token or account, go slower or halt. */
  #heedLane(turn: Turn, effect: Effect, why: string, restSeconds: number): void {
    const isNews =
      effect === "slow" || effect === "slow_account"
        ? this.#throttle.slowDown(effect, restSeconds)
        : this.#report.halted === null;
    if (!isNews) return;
    if (effect === "halt_sender" || effect === "halt_account") this.#report.halted = why;
    const concerned = { ...turn.job, sender: this.#o.lane };
    this.#background(applyEffect(this.#o.database, effect, concerned, why, restSeconds));
  }

  /** The first fault of a campaign in this lane: what came of it in earlier ticks counts too. A drip has no such order. */
  #remember({ kind, campaignId, ...job }: ClaimedJob, outcome: Outcome): void {
    if (kind === "d" || !this.#breaker.wantsToRemember(campaignId)) return;
    const asked = lastOutcomes(this.#o.database, campaignId, this.#takenAt).then((codes) => {
      const broken = this.#breaker.remember(campaignId, codes, outcome);
      if (broken !== undefined) this.#pauseCampaign({ ...job, kind, campaignId }, broken);
    });
    this.#background(asked);
  }

  #pauseCampaign({ kind, campaignId }: ClaimedJob, reason: string): void {
    if (this.#pausedCampaigns.has(campaignId)) return;
    this.#pausedCampaigns.add(campaignId);
    this.#background(pauseCampaign(this.#o.database, kind, campaignId, reason));
  }

  #background(work: Promise<unknown>): void {
    this.#pending.push(this.#orStop(work));
  }

  async #letOpenOnesEnd(): Promise<void> {
    const deadline = setTimeout(() => this.#abort.abort(), GRACE_MS);
    while (this.#inFlight > 0) await this.#changed.wait();
    clearTimeout(deadline);
    await Promise.all(this.#pending);
  }

  /** Claimed and never dispatched: back to pending, no attempt counted. */
  #handBack(): void {
    for (const turn of this.#queue.splice(0)) this.#record(turn, HANDED_BACK, "", null);
  }

  async #renew(): Promise<void> {
    if (this.#isRenewing) return; // a database that stands still is not to be filled with questions
    this.#isRenewing = true;
    const asked = performance.now();
    try {
      const speed = await renewLane(this.#o.database, this.#o.lane, this.#o.leaseSeconds);
      if (speed === undefined) this.#lost = true;
      else this.#safeUntil = this.#leaseEnd(asked);
      if (speed !== undefined) this.#pace.keepTo(speed.rateFactor, speed.fullRateInSeconds);
    } catch {
      // the lease runs out by itself, and with it the right to dispatch
    }
    this.#isRenewing = false;
    this.#changed.notify();
  }

  /** By this process's monotonic timer, from before the lease was asked for. */
  #leaseEnd(askedAt: number): number {
    return askedAt + this.#o.leaseSeconds * 1000 * (1 - LEASE_MARGIN);
  }

  #mustStop(): boolean {
    return (
      this.#o.stopping.aborted ||
      this.#o.aborting.aborted ||
      this.#isLost() ||
      this.#throttle.rests ||
      this.#report.halted !== null ||
      this.#report.fault !== undefined ||
      this.#recorder.fault !== undefined
    );
  }

  readonly #mayLeave = () => !this.#isLost();

  /** Lost once, lost for good: the loop that saw it first has ended, and a late renewal must not let the other wait for it. */
  #isLost(): boolean {
    this.#lost ||= performance.now() >= this.#safeUntil;
    return this.#lost;
  }
}
