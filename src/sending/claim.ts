import { randomUUID } from "node:crypto";
import type { Database, Transaction } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import text from "./claim.sql";
import dripText from "./claim-drips.sql";
import type { Kind } from "./kind.ts";
import type { Lane } from "./lane.ts";

const sql = { ...namedQueries(text, "claimWindow"), ...namedQueries(dripText, "claimDrips", "leaveDrips") };

/** A job or log that is ours to dispatch, with what the message needs of its contact as it is at this moment. */
export interface ClaimedJob {
  kind: Kind;
  id: string;
  campaignId: string;
  /** with the campaign it names the definition: a broadcast's planned instant, a drip's step */
  occurrence: unknown;
  contactId: string;
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
}

/** What one claim took: written down as `dispatching` and committed before a byte leaves. */
export interface Window {
  id: string;
  jobs: ClaimedJob[];
  /** rows that the gates turned away, by what became of them */
  skipped: number;
  deferred: number;
}

type ClaimedRow = Omit<ClaimedJob, "kind"> & { verdict: "send" | "skip" | "later" | "leave" };
type ClaimedLog = ClaimedRow & { enrollmentId: string; reason: string | null };

const TRANSACTIONAL = 1;
const ANY_CLASS = 2;

/**
 * Claims up to `size` due messages of the lane, gates checked: drip logs and transactional jobs first, each with half of the room
 * where both have enough, then other jobs, fairly shared between campaigns (design: sending, a lane).
 * @returns windows of what was claimed; when all are empty (isEmpty) nothing is due for this lane now
 */
export function claimWindows(database: Database, lane: Lane, size: number): Promise<Window[]> {
  return database.transaction(worker, async (tx) => {
    const windows: Window[] = [];
    const room = () => size - windows.reduce((sum, window) => sum + taken(window), 0);
    const half = Math.ceil(size / 2);
    windows.push(await claimLogs(tx, lane, half));
    const hasMore = room() <= size - half;
    windows.push(await claimJobs(tx, lane, room(), TRANSACTIONAL));
    if (hasMore && room() > 0) windows.push(await claimLogs(tx, lane, room()));
    if (room() > 0) windows.push(await claimJobs(tx, lane, room(), ANY_CLASS));
    return windows;
  });
}

async function claimJobs(tx: Transaction, lane: Lane, size: number, worstClass: number): Promise<Window> {
  const id = randomUUID();
  if (size < 1) return windowOf(id, "b", []);
  const rows = await tx.query<ClaimedRow>(sql.claimWindow, [lane.id, lane.laneToken, size, id, worstClass]);
  return windowOf(id, "b", rows);
}

async function claimLogs(tx: Transaction, lane: Lane, size: number): Promise<Window> {
  const id = randomUUID();
  const rows = await tx.query<ClaimedLog>(sql.claimDrips, [lane.id, lane.laneToken, size, id]);
  const leaving = rows.filter(({ verdict }) => verdict === "leave");
  if (leaving.length > 0) {
    const columns = [leaving.map(({ enrollmentId }) => enrollmentId), leaving.map(({ reason }) => reason)];
    await tx.run(sql.leaveDrips, columns);
  }
  return windowOf(id, "d", rows);
}

function windowOf(id: string, kind: Kind, rows: readonly ClaimedRow[]): Window {
  return {
    id,
    jobs: rows.filter(({ verdict }) => verdict === "send").map((row) => ({ ...row, kind })),
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
