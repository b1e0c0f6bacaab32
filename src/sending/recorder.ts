import type { Database, Transaction } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import { ExitCode, UserError } from "../errors.ts";
import { forLogs, type Kind } from "./kind.ts";
import type { Lane } from "./lane.ts";
import type { Outcome } from "./outcomes.ts";
import text from "./record.sql";

const sql = namedQueries(text, "recordOutcomes", "lockEnrollments");
const RECORD: Record<Kind, string> = { b: sql.recordOutcomes, d: forLogs(sql.recordOutcomes) };

const BATCH = 500;
const FLUSH_MS = 100;

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

interface RecordedRow {
  id: string;
  status: string;
}

/** What was written: the outcome, and the row's status now (undefined: the row was no longer ours to change). */
export type OnRecorded = (recorded: Recorded, status: string | undefined) => void;

/**
 * Writes outcomes in batches of some hundred or after 100 ms, one transaction a batch, one batch at a time. A window's
 * row goes with the last of its jobs, so that what a crash leaves open is always listed.
 */
export class Recorder {
  readonly #database: Database;
  readonly #lane: Lane;
  readonly #onRecorded: OnRecorded;
  #waiting: Recorded[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #isAsked = false;
  #fault: unknown;
  readonly #openInWindow = new Map<string, number>();

  constructor(database: Database, lane: Lane, onRecorded: OnRecorded) {
    this.#database = database;
    this.#lane = lane;
    this.#onRecorded = onRecorded;
  }

  /** A window was claimed: its row stays until all of its jobs are recorded. */
  open(windowId: string, jobs: number): void {
    if (jobs > 0) this.#openInWindow.set(windowId, jobs);
  }

  /** What an earlier batch met (fault) leaves it unrecorded: rescue finds it by its window. */
  add(recorded: Recorded): void {
    this.#waiting.push(recorded);
    if (this.#waiting.length >= BATCH) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  get fault(): unknown {
    return this.#fault;
  }

  get backlog(): number {
    return this.#waiting.length;
  }

  /** Writes what waits and resolves when all of it is committed. @throws the fault */
  async drain(): Promise<void> {
    this.#flush();
    await this.#writing;
    if (this.#fault !== undefined) throw this.#fault;
    if (this.#waiting.length > 0) await this.drain();
  }

  /** What is asked for while a batch is being written goes with the next: the slower the database, the larger its batches. */
  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isAsked = true;
    this.#writing ??= this.#writeAsked().then(() => {
      this.#writing = undefined;
      if (this.#waiting.length === 0 || this.#fault !== undefined) return;
      if (this.#isAsked) this.#flush();
      else this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
    });
  }

  async #writeAsked(): Promise<void> {
    try {
      while (this.#isAsked && this.#waiting.length > 0 && this.#fault === undefined) {
        this.#isAsked = false;
        await this.#write(this.#waiting.splice(0, BATCH));
        this.#isAsked ||= this.#waiting.length >= BATCH;
      }
    } catch (error) {
      this.#fault ??= error;
    }
  }

  async #write(batch: Recorded[]): Promise<void> {
    const closed = this.#closedBy(batch);
    const rows = await insistently(() =>
      this.#database.transaction(worker, (tx) => this.#record(tx, batch, closed)),
    );
    const statuses = new Map(rows.map((row) => [row.id, row.status]));
    for (const recorded of batch) this.#onRecorded(recorded, statuses.get(recorded.jobId));
  }

  /** Jobs and logs, a statement each. Enrollments are locked before their logs, as everybody does. */
  async #record(tx: Transaction, batch: Recorded[], closed: string[]): Promise<RecordedRow[]> {
    const rows: RecordedRow[] = [];
    for (const kind of ["b", "d"] as const) {
      const part = batch.filter((recorded) => recorded.kind === kind);
      if (part.length === 0) continue;
      if (kind === "d") await tx.run(sql.lockEnrollments, [part.map(({ jobId }) => jobId)]);
      const parameters = [
        this.#lane.laneToken,
        this.#lane.organizationId,
        this.#lane.id,
        ...columns(part),
        closed,
      ];
      rows.push(...(await tx.query<RecordedRow>(RECORD[kind], parameters)));
    }
    return rows;
  }

  #closedBy(batch: Recorded[]): string[] {
    const closed: string[] = [];
    for (const { windowId } of batch) {
      const open = (this.#openInWindow.get(windowId) ?? 1) - 1;
      if (open > 0) this.#openInWindow.set(windowId, open);
      else if (this.#openInWindow.delete(windowId)) closed.push(windowId);
    }
    return closed;
  }
}

/**
 * Provider ids are facts that only this process knows: a database that restarts is waited for, half a minute at most.
 * What is lost all the same is found again by its opaque id.
 */
async function insistently<T>(write: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      if (attempt > 10 || !(error instanceof UserError) || error.exitCode !== ExitCode.TryAgain) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500 * attempt));
    }
  }
}

/** record.sql takes one array a column, in this order. */
function columns(batch: Recorded[]): unknown[][] {
  return [
    batch.map((r) => r.jobId),
    batch.map((r) => r.attempt),
    batch.map((r) => r.outcome.row),
    batch.map((r) => r.outcome.providerMessageId),
    batch.map((r) => r.at),
    batch.map((r) => r.outcome.errorCode),
    batch.map((r) => r.outcome.error),
    batch.map((r) => r.outcome.afterSeconds),
    batch.map((r) => r.type),
    batch.map((r) => r.body),
  ];
}
