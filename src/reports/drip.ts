import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import text from "./drip.sql";
import type { Window } from "./window.ts";

const sql = namedQueries(text, "dripNumbers", "stepNumbers");

/** The people who entered a drip in a window, and what became of them; rates in percent, of people or of sent. */
export interface DripNumbers {
  drip: string;
  enrolled: number;
  /** still in it, paused ones too */
  active: number;
  completed: number;
  dropped: number;
  optedOut: number;
  messagesSent: number;
  messagesDelivered: number;
  messagesRead: number;
  repliesReceived: number;
  completionRate: number;
  deliveryRate: number;
  openRate: number;
  replyRate: number;
}

/** A line a drip, by name. As operator. */
export function dripNumbers(
  tx: Transaction,
  organizationId: string,
  window: Window,
  dripIds?: readonly string[] | null,
): Promise<DripNumbers[]> {
  return tx.query(sql.dripNumbers, [organizationId, window.since, window.until, dripIds ?? null]);
}

/** What was sent of a drip's step in a window, and what came of it. */
export interface StepNumbers {
  drip: string;
  version: number;
  step: number;
  /** its template, or its text */
  says: string;
  messagesSent: number;
  messagesDelivered: number;
  messagesRead: number;
  messagesFailed: number;
  repliesReceived: number;
}

/** A line a step of which something was sent in these days, by drip, newest version first. As operator. */
export function stepNumbers(
  tx: Transaction,
  organizationId: string,
  window: Window,
  dripIds?: readonly string[] | null,
): Promise<StepNumbers[]> {
  return tx.query(sql.stepNumbers, [organizationId, window.since, window.until, dripIds ?? null]);
}
