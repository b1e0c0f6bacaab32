import type { Database } from "../db/database.ts";
import { Breaker } from "./breaker.ts";
import { type ClaimedJob, claimWindows, isEmpty, type Window } from "./claim.ts";
import { ClosedCountries } from "./closed-countries.ts";
import { applyEffect, concernsLane } from "./effects.ts";
import { type Lane, lastOutcomes, pauseCampaign, releaseLane } from "./lane.ts";
import { countRecorded, type LaneReport, noCounts } from "./lane-report.ts";
import { Lease } from "./lease.ts";
import { COUNTRY_CLOSED, HANDED_BACK, missingVariable } from "./not-dispatched.ts";
import type { OutcomeWriter } from "./outcome-writer.ts";
import { type Effect, type Outcome, outcomeOf } from "./outcomes.ts";
import { Pace, pause } from "./pace.ts";
import { PairPace } from "./pair-pace.ts";
import type { Provider } from "./providers/provider.ts";
import { type OnRecorded, Recorder } from "./recorder.ts";
import { type Rendered, Renderer } from "./render.ts";
import { Signal } from "./signal.ts";
import { LaneSlots, type Slots } from "./slots.ts";
import { Throttle } from "./throttle.ts";

const LARGEST_WINDOW = 500;
const RECORD_BACKLOG = 500;
const GRACE_MS = 20_000;

export interface DispatchOptions {
  database: Database;
  lane: Lane;
  provider: Provider;
  /** of the process, shared by its lanes */
  writer?: OutcomeWriter;
  /** what the process may have open, beside the provider's own limit */
  slots?: Slots;
  /** nothing but the direct queue */
  directOnly?: boolean;
  leaseSeconds: number;
  /** stop claiming, let open POSTs end, hand the rest back: budget spent, SIGTERM */
  stopping: AbortSignal;
  /** give up open POSTs too; they become unknown */
  aborting: AbortSignal;
  /** the tick's clock, for times that are written down */
  now: () => Date;
  /** a message was accepted, and that is written down */
  onSent?: (() => void) | undefined;
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
  readonly #wake = () => this.#changed.notify();
  readonly #pausedCampaigns = new Set<string>();
  readonly #closedCountries = new ClosedCountries();
  readonly #report: LaneReport = { ...noCounts(), halted: null, fault: undefined };
  readonly #queue: Turn[] = [];
  readonly #pending: Promise<unknown>[] = [];
  readonly #slots: LaneSlots;
  #windowSize: number;
  #exhausted = false;
  readonly #takenAt: Date;
  readonly #lease: Lease;

  constructor(options: DispatchOptions, leaseTakenAt: number) {
    this.#o = options;
    this.#pace = new Pace(options.lane.throughputPerSecond);
    this.#throttle = new Throttle(this.#pace);
    this.#pace.keepTo(options.lane.rateFactor ?? 1, options.lane.fullRateInSeconds ?? 0);
    this.#slots = new LaneSlots(options.provider.concurrency, options.slots, this.#wake);
    this.#windowSize = Math.min(this.#pace.burst, LARGEST_WINDOW); // the first holds nothing that cannot go out at once
    this.#takenAt = options.now();
    this.#renderer = new Renderer(options.database);
    const { database, lane, leaseSeconds } = options;
    const heard: OnRecorded = (recorded, status) => {
      countRecorded(this.#report, recorded, status);
      if (recorded.outcome.row === "sent") options.onSent?.();
      this.#changed.notify();
    };
    this.#recorder = new Recorder(database, lane, heard, options.writer);
    this.#lease = new Lease(database, lane, leaseSeconds, leaseTakenAt, (speed) => {
      if (speed !== undefined) this.#pace.keepTo(speed.rateFactor, speed.fullRateInSeconds);
      this.#changed.notify();
    });
  }

  async run(): Promise<LaneReport> {
    const { stopping, aborting } = this.#o;
    const wake = this.#wake;
    const giveUp = () => this.#abort.abort();
    stopping.addEventListener("abort", wake);
    aborting.addEventListener("abort", giveUp);
    try {
      await Promise.all([this.#orStop(this.#claimAhead()), this.#orStop(this.#dispatchAll())]);
      await this.#letOpenOnesEnd();
      this.#handBack();
      await this.#orStop(this.#recorder.drain());
      await this.#orStop(releaseLane(this.#o.database, this.#o.lane));
    } finally {
      this.#lease.end();
      this.#slots.leave();
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
    const { database, lane, now, directOnly } = this.#o;
    try {
      const pairs = await PairPace.of(database, lane, now);
      for (;;) {
        await this.#changed.until(() => this.#mayClaim() || this.#mustStop());
        if (this.#mustStop()) break;
        const windows = await claimWindows(database, lane, this.#windowSize, pairs, directOnly);
        if (isEmpty(windows)) {
          if (this.#pending.length === 0) break;
          await Promise.all(this.#pending.splice(0)); // a claim passes over the runs that this lane itself has locked
          continue;
        }
        for (const window of windows) await this.#take(window);
        this.#windowSize = Math.min(this.#windowSize * 2, LARGEST_WINDOW, Math.ceil(this.#pace.rate));
      }
    } finally {
      this.#exhausted = true;
      this.#changed.notify();
    }
  }

  #mayClaim(): boolean {
    return this.#queue.length < this.#windowSize / 2 && this.#recorder.backlog <= RECORD_BACKLOG;
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
    const isDone = () => this.#mustStop() || (this.#exhausted && this.#queue.length === 0);
    while (!isDone()) {
      if (this.#queue.length === 0 || !this.#slots.take()) {
        await this.#changed.until(() => (this.#queue.length > 0 && this.#slots.mayBeFree) || isDone());
        continue;
      }
      const turn = this.#queue.shift() as Turn;
      this.#changed.notify();
      const wait = pause(this.#pace.next());
      if (wait !== undefined) await wait;
      if (!this.#mustStop()) this.#dispatch(turn);
      else {
        this.#queue.unshift(turn);
        this.#slots.give();
      }
    }
  }

  #dispatch(turn: Turn): void {
    const message = this.#renderer.render(turn.job);
    const isPaused = this.#pausedCampaigns.has(turn.job.campaignId);
    if (isPaused) this.#record(turn, HANDED_BACK, "", null);
    else if (this.#closedCountries.has(turn.job)) this.#record(turn, COUNTRY_CLOSED, "", null);
    else if ("missing" in message) this.#record(turn, missingVariable(message.missing), "", null);
    else {
      this.#post(turn, message);
      return;
    }
    this.#slots.give();
  }

  #post(turn: Turn, message: Rendered): void {
    void this.#o.provider.send(message.body, this.#abort.signal, this.#mayLeave).then((answer) => {
      this.#slots.give();
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
    if (concernsLane(effect)) this.#heedLane(turn, effect, why, outcome.restSeconds ?? 0);
    if (turn.job.kind === "m") return; // it has no campaign
    const broken = this.#breaker.heard(turn.job.campaignId, outcome);
    if (broken !== undefined || effect === "pause_campaign") this.#pauseCampaign(turn.job, broken ?? why);
    else if (effect === "our_fault") this.#remember(turn.job, outcome);
    else if (effect === "close_country")
      this.#background(this.#closedCountries.close(this.#o.database, turn.job));
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

  /** The first fault of a campaign in this lane: what came of it in earlier ticks counts too. */
  #remember({ kind, campaignId, ...job }: ClaimedJob, outcome: Outcome): void {
    if (kind === "m" || !this.#breaker.wantsToRemember(campaignId)) return;
    const asked = lastOutcomes(this.#o.database, kind, campaignId, this.#takenAt).then((codes) => {
      const broken = this.#breaker.remember(campaignId, codes, outcome);
      if (broken !== undefined) this.#pauseCampaign({ ...job, kind, campaignId }, broken);
    });
    this.#background(asked);
  }

  #pauseCampaign({ kind, campaignId }: ClaimedJob, reason: string): void {
    if (kind === "m" || this.#pausedCampaigns.has(campaignId)) return;
    this.#pausedCampaigns.add(campaignId);
    this.#background(pauseCampaign(this.#o.database, kind, campaignId, reason));
  }

  #background(work: Promise<unknown>): void {
    this.#pending.push(this.#orStop(work));
  }

  async #letOpenOnesEnd(): Promise<void> {
    const deadline = setTimeout(() => this.#abort.abort(), GRACE_MS);
    await this.#changed.until(() => this.#slots.taken === 0);
    clearTimeout(deadline);
    await Promise.all(this.#pending);
  }

  /** Claimed and never dispatched: back to pending, no attempt counted. */
  #handBack(): void {
    for (const turn of this.#queue.splice(0)) this.#record(turn, HANDED_BACK, "", null);
  }

  #mustStop(): boolean {
    return (
      this.#o.stopping.aborted ||
      this.#o.aborting.aborted ||
      this.#lease.isLost ||
      this.#throttle.rests ||
      this.#report.halted !== null ||
      this.#report.fault !== undefined ||
      this.#recorder.fault !== undefined
    );
  }

  readonly #mayLeave = () => !this.#lease.isLost;
}
