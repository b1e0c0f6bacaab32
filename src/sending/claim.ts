import { randomUUID } from "node:crypto";
import type { Database, Transaction } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import dripText from "./claim-drips.sql";
import type { CampaignKind, Kind } from "./kind.ts";
import type { Lane } from "./lane.ts";
import { type Limits, lockLimits } from "./limits.ts";
import type { PairPace } from "./pair-pace.ts";
import { claimStatement } from "./statements.ts";

const sql = namedQueries(dripText, "leaveDrips");
const CLAIM: Record<Kind, string> = {
  b: claimStatement("b"),
  d: claimStatement("d"),
  m: claimStatement("m"),
};

/** A job or log that is ours to dispatch, with what the message needs of its contact as it is at this moment. */
export interface ClaimedJob {
  kind: Kind;
  id: string;
  campaignId: string;
  /** with the campaign it names the definition: a broadcast's planned instant, a drip's step */
  occurrence: unknown;
  contactId: string;
  /** of an A/B test: which message it gets; none: the campaign's */
  variant?: string | null;
  /** this attempt's number, from 1 */
  attempts: number;
  maxAttempts: number;
  /** deferrals so far that counted no attempt */
  waits: number;
  phone: string | null;
  bsuid: string | null;
  firstName: string | null;
  lastName: string | null;
  email: string | null;
  language: string | null;
  attributes: Record<string, unknown>;
  /** of the direct queue: the request below the envelope, its type, and what a person reads */
  payload?: Record<string, unknown>;
  type?: string;
  body?: string | null;
}

/** What one claim took: written down as `dispatching` and committed before a byte leaves. */
export interface Window {
  id: string;
  jobs: ClaimedJob[];
  /** rows that the gates turned away, by what became of them */
  skipped: number;
  deferred: number;
}

type ClaimedRow = ClaimedJob & { verdict: "send" | "skip" | "later" | "leave" };
type ClaimedLog = ClaimedRow & { enrollmentId: string; reason: string | null };

const TRANSACTIONAL = 1;
const ANY_CLASS = 2;

/**
 * Claims up to `size` due messages of the lane, gates and limits checked: the direct queue, then drip logs and transactional jobs, each with
 * half of the room where both have enough, then other jobs, fairly shared between campaigns (design: sending, a lane).
 * @param directOnly no campaign's
 * @param pairs what the lane sent to whom of late; undefined: nothing that counts
 * @returns windows of what was claimed; when all are empty (isEmpty) nothing is due for this lane now
 */
export async function claimWindows(
  database: Database,
  lane: Lane,
  size: number,
  pairs?: PairPace,
  directOnly = false,
): Promise<Window[]> {
  return database.transaction(worker, async (tx) =>
    new Claim(tx, lane, await lockLimits(tx, lane), pairs).windows(size, directOnly),
  );
}

/** One claim: a few statements under the same limits. */
class Claim {
  readonly #tx: Transaction;
  readonly #lane: Lane;
  readonly #limits: Limits;
  readonly #pairs: PairPace | undefined;

  constructor(tx: Transaction, lane: Lane, limits: Limits, pairs: PairPace | undefined) {
    this.#tx = tx;
    this.#lane = lane;
    this.#limits = limits;
    this.#pairs = pairs;
  }

  async windows(size: number, directOnly: boolean): Promise<Window[]> {
    const direct = this.#limits.hasDirect ? [await this.#direct(size)] : [];
    const left = size - direct.reduce((sum, window) => sum + taken(window), 0);
    return directOnly || left <= 0 ? direct : [...direct, ...(await this.#campaigns(left))];
  }

  async #campaigns(size: number): Promise<Window[]> {
    if (!this.#limits.hasLogs) return [await this.#jobs(size, ANY_CLASS)]; // transactional ones first, by its order
    const windows: Window[] = [];
    const room = () => size - windows.reduce((sum, window) => sum + taken(window), 0);
    const half = Math.ceil(size / 2);
    windows.push(await this.#logs(half));
    const hasMore = room() <= size - half;
    windows.push(await this.#jobs(room(), TRANSACTIONAL));
    if (hasMore && room() > 0) windows.push(await this.#logs(room()));
    if (room() > 0) windows.push(await this.#jobs(room(), ANY_CLASS));
    return windows;
  }

  /** Needs no window's row: the queue itself says who holds what. */
  async #direct(size: number): Promise<Window> {
    const rows = await this.#tx.prepared<ClaimedRow>(CLAIM.m, [this.#lane.id, this.#lane.laneToken, size]);
    const window = windowOf(randomUUID(), rows);
    this.#pairs?.claimed(window.jobs.map(({ contactId }) => contactId));
    return window;
  }

  async #jobs(size: number, worstClass: number): Promise<Window> {
    if (size < 1) return windowOf(randomUUID(), []);
    return this.#claim<ClaimedRow>("b", size, worstClass).then(({ window }) => window);
  }

  async #logs(size: number): Promise<Window> {
    const { window, rows } = await this.#claim<ClaimedLog>("d", size);
    const leaving = rows.filter(({ verdict }) => verdict === "leave");
    if (leaving.length > 0) {
      const columns = [leaving.map(({ enrollmentId }) => enrollmentId), leaving.map(({ reason }) => reason)];
      await this.#tx.run(sql.leaveDrips, columns);
    }
    return window;
  }

  async #claim<R extends ClaimedRow>(
    kind: CampaignKind,
    size: number,
    ...more: number[]
  ): Promise<{ window: Window; rows: R[] }> {
    const id = randomUUID();
    const { isCapped, portfolioId } = this.#limits;
    const { contacts, seconds } = this.#pairs?.borrowed() ?? { contacts: [], seconds: [] };
    const rows = await this.#tx.prepared<R>(CLAIM[kind], [
      this.#lane.id,
      this.#lane.laneToken,
      size,
      id,
      isCapped,
      portfolioId,
      contacts,
      seconds,
      ...more,
    ]);
    const window = windowOf(id, rows);
    this.#pairs?.claimed(window.jobs.map(({ contactId }) => contactId));
    return { window, rows };
  }
}

function windowOf(id: string, rows: readonly ClaimedRow[]): Window {
  return {
    id,
    jobs: rows.filter(({ verdict }) => verdict === "send"),
    skipped: rows.filter(({ verdict }) => verdict === "skip" || verdict === "leave").length,
    deferred: rows.filter(({ verdict }) => verdict === "later").length,
  };
}

function taken(window: Window): number {
  return window.jobs.length + window.skipped + window.deferred;
}

export function isEmpty(windows: readonly Window[]): boolean {
  return windows.every((window) => taken(window) === 0);
}
