import { plainArray } from "../db/arrays.ts";
import type { Database, Transaction } from "../db/database.ts";
import { workerByKeys } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import { ExitCode, UserError } from "../errors.ts";
import directText from "./direct.sql";
import { forLogs, type Kind } from "./kind.ts";
import type { Lane } from "./lane.ts";
import text from "./record.sql";
import type { Recorded } from "./recorder.ts";

const sql = {
  ...namedQueries(text, "recordOutcomes", "lockEnrollments"),
  ...namedQueries(directText, "recordDirect"),
};
const RECORD: Record<Kind, string> = {
  b: sql.recordOutcomes,
  d: forLogs(sql.recordOutcomes),
  m: sql.recordDirect,
};

/** written without waiting for more, and the most that is written at once where the database is behind */
const BATCH = 500;
const LARGEST_BATCH = 2_000;
const FLUSH_MS = 100;

/** A lane's side of the books: it says which windows a batch closes, and hears what became of its rows. */
export interface LaneBooks {
  readonly lane: Lane;
  closedBy(recorded: readonly Recorded[]): string[];
  written(recorded: Recorded, status: string | undefined): void;
  /** nothing more of this lane is written */
  broken(fault: unknown): void;
  readonly fault: unknown;
}

interface Entry {
  books: LaneBooks;
  recorded: Recorded;
}

/** What one lane has in a batch. */
interface Part {
  books: LaneBooks;
  entries: Recorded[];
  /** windows that are done with */
  closed: string[];
}

interface RecordedRow {
  id: string;
  status: string;
}

/**
 * Writes the outcomes of all lanes of a process, in batches of some hundred or after 100 ms, one transaction a batch, one
 * batch at a time: many slow lanes cost no more than one fast one. What the database refuses of a batch stops only the
 * lane that it belongs to.
 */
export class OutcomeWriter {
  readonly #database: Database;
  #waiting: Entry[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #isAsked = false;

  constructor(database: Database) {
    this.#database = database;
  }

  add(books: LaneBooks, recorded: Recorded): void {
    this.#waiting.push({ books, recorded });
    if (this.#waiting.length >= BATCH) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  /** Writes what waits, a batch at least: resolves when that is committed, or given up with its lane's fault. */
  async flush(): Promise<void> {
    this.#flush();
    await this.#writing;
  }

  /** What is asked for while a batch is being written goes with the next: the slower the database, the larger its batches. */
  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isAsked = true;
    this.#writing ??= this.#writeAsked().then(() => {
      this.#writing = undefined;
      if (this.#waiting.length === 0) return;
      if (this.#isAsked) this.#flush();
      else this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
    });
  }

  async #writeAsked(): Promise<void> {
    while (this.#isAsked && this.#waiting.length > 0) {
      this.#isAsked = false;
      const parts = partsOf(
        this.#waiting.splice(0, LARGEST_BATCH).filter(({ books }) => books.fault === undefined),
      );
      if (parts.length > 0) await this.#write(parts);
      this.#isAsked ||= this.#waiting.length >= BATCH;
    }
  }

  /** All lanes together; where the database refuses that, each by itself. */
  async #write(parts: readonly Part[]): Promise<void> {
    try {
      const rows = await insistently(() =>
        this.#database.transaction(workerByKeys, (tx) => recordParts(tx, parts)),
      );
      const statuses = new Map(rows.map((row) => [row.id, row.status]));
      for (const { books, entries } of parts)
        for (const recorded of entries) books.written(recorded, statuses.get(recorded.jobId));
    } catch (error) {
      if (parts.length === 1 || isTryAgain(error)) for (const { books } of parts) books.broken(error);
      else for (const part of parts) await this.#write([part]);
    }
  }
}

function partsOf(entries: readonly Entry[]): Part[] {
  const parts = new Map<LaneBooks, Part>();
  for (const { books, recorded } of entries) {
    const part = parts.get(books);
    if (part === undefined) parts.set(books, { books, entries: [recorded], closed: [] });
    else part.entries.push(recorded);
  }
  for (const part of parts.values()) part.closed = part.books.closedBy(part.entries);
  return [...parts.values()];
}

/** Jobs, logs and direct messages, a statement each. Enrollments are locked before their logs, as everybody does. */
async function recordParts(tx: Transaction, parts: readonly Part[]): Promise<RecordedRow[]> {
  const closed = parts.flatMap((part) => part.closed);
  const all = parts.flatMap(({ books, entries }) =>
    entries.map((recorded) => ({ lane: books.lane, recorded })),
  );
  const rows: RecordedRow[] = [];
  for (const kind of ["b", "d", "m"] as const) {
    const some = all.filter(({ recorded }) => recorded.kind === kind);
    if (some.length === 0) continue;
    if (kind === "d") await tx.run(sql.lockEnrollments, [some.map(({ recorded }) => recorded.jobId)]);
    const parameters = kind === "m" ? columns(some) : [...columns(some), closed];
    rows.push(...(await tx.query<RecordedRow>(RECORD[kind], parameters)));
  }
  return rows;
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
      if (attempt > 10 || !isTryAgain(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500 * attempt));
    }
  }
}

function isTryAgain(error: unknown): boolean {
  return error instanceof UserError && error.exitCode === ExitCode.TryAgain;
}

/** record.sql takes one array a column, in this order. */
function columns(rows: readonly { lane: Lane; recorded: Recorded }[]): unknown[] {
  const ofLane = (column: (lane: Lane) => string) => plainArray(rows.map(({ lane }) => column(lane)));
  const plain = (column: (r: Recorded) => string | number | null) =>
    plainArray(rows.map(({ recorded }) => column(recorded)));
  const text = (column: (r: Recorded) => string | null) => rows.map(({ recorded }) => column(recorded));
  return [
    ofLane((lane) => lane.laneToken),
    ofLane((lane) => lane.organizationId),
    ofLane((lane) => lane.id),
    plain((r) => r.jobId),
    plain((r) => r.attempt),
    plain((r) => r.outcome.row),
    text((r) => r.outcome.providerMessageId),
    plain((r) => r.at.toISOString()),
    text((r) => r.outcome.errorCode),
    text((r) => r.outcome.error),
    plain((r) => r.outcome.afterSeconds),
    text((r) => r.type),
    text((r) => r.body),
  ];
}
