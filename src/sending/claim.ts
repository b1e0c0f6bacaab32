import { randomUUID } from "node:crypto";
import type { Database } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import text from "./claim.sql";
import type { Lane } from "./lane.ts";

const sql = namedQueries(text, "claimWindow");

/** A job that is ours to dispatch, with what the message needs of its contact as it is at this moment. */
export interface ClaimedJob {
  id: string;
  campaignId: string;
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

/** One claim: written down as `dispatching` and committed before a byte leaves. */
export interface Window {
  id: string;
  jobs: ClaimedJob[];
  /** rows that the gates turned away, by what became of them */
  skipped: number;
  deferred: number;
}

type ClaimedRow = ClaimedJob & { verdict: "send" | "skip" | "later" };

/**
 * Claims up to `size` due jobs of the lane's campaigns, fairly shared, gates checked.
 * An empty window (no job, nothing skipped or deferred) means that nothing is due for this lane now.
 */
export async function claimWindow(database: Database, lane: Lane, size: number): Promise<Window> {
  const id = randomUUID();
  const rows = await database.transaction(worker, (tx) =>
    tx.query<ClaimedRow>(sql.claimWindow, [lane.id, lane.laneToken, size, id]),
  );
  return {
    id,
    jobs: rows.filter((row) => row.verdict === "send"),
    skipped: rows.filter((row) => row.verdict === "skip").length,
    deferred: rows.filter((row) => row.verdict === "later").length,
  };
}

export function isEmpty(window: Window): boolean {
  return window.jobs.length + window.skipped + window.deferred === 0;
}
