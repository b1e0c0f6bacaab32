import type { Database } from "../db/database.ts";
import type { Kind } from "./kind.ts";
import type { Lane } from "./lane.ts";
import { type LaneBooks, OutcomeWriter } from "./outcome-writer.ts";
import type { Outcome } from "./outcomes.ts";

/** What came of one dispatched (or handed back) job. */
export interface Recorded {
  kind: Kind;
  jobId: string;
  windowId: string;
  attempt: number;
  outcome: Outcome;
  /** when the answer came, by the tick's clock */
  at: Date;
  type: string;
  /** the message as a person would read it */
  body: string | null;
}

/** What was written: the outcome, and the row's status now (undefined: the row was no longer ours to change). */
export type OnRecorded = (recorded: Recorded, status: string | undefined) => void;

/**
 * A lane's outcomes on their way into the database. A window's row goes with the last of its jobs, so that what a crash
 * leaves open is always listed.
 */
export class Recorder implements LaneBooks {
  readonly lane: Lane;
  readonly #writer: OutcomeWriter;
  readonly #onRecorded: OnRecorded;
  #backlog = 0;
  #fault: unknown;
  readonly #openInWindow = new Map<string, number>();

  /** @param writer of the process, shared by its lanes */
  constructor(
    database: Database,
    lane: Lane,
    onRecorded: OnRecorded,
    writer: OutcomeWriter = new OutcomeWriter(database),
  ) {
    this.lane = lane;
    this.#writer = writer;
    this.#onRecorded = onRecorded;
  }

  /** A window was claimed: its row stays until all of its jobs are recorded. */
  open(windowId: string, jobs: number): void {
    if (jobs > 0) this.#openInWindow.set(windowId, jobs);
  }

  /** What an earlier batch met (fault) leaves it unrecorded: rescue finds it by its window. */
  add(recorded: Recorded): void {
    this.#backlog++;
    this.#writer.add(this, recorded);
  }

  get fault(): unknown {
    return this.#fault;
  }

  /** what is not written yet */
  get backlog(): number {
    return this.#backlog;
  }

  /** Writes what waits and resolves when all of it is committed. @throws the fault */
  async drain(): Promise<void> {
    while (this.#backlog > 0 && this.#fault === undefined) await this.#writer.flush();
    if (this.#fault !== undefined) throw this.#fault;
  }

  closedBy(recorded: readonly Recorded[]): string[] {
    const closed: string[] = [];
    for (const { windowId } of recorded) {
      const open = (this.#openInWindow.get(windowId) ?? 1) - 1;
      if (open > 0) this.#openInWindow.set(windowId, open);
      else if (this.#openInWindow.delete(windowId)) closed.push(windowId);
    }
    return closed;
  }

  written(recorded: Recorded, status: string | undefined): void {
    this.#backlog--;
    this.#onRecorded(recorded, status);
  }

  broken(fault: unknown): void {
    this.#fault ??= fault;
  }
}
