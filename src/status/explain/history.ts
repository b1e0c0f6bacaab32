import type { Transaction } from "../../db/database.ts";
import { namedQueries } from "../../db/queries.ts";
import type { ListedJob } from "../../jobs/find.ts";
import { adviceOn } from "../../reports/failures.ts";
import text from "./history.sql";

const sql = namedQueries(text, "attempts");

/** Something that happened to a message of this person. */
export interface Happening {
  at: Date | null;
  /** of a drip */
  step: number | null;
  what:
    | "dispatched"
    | "sent"
    | "delivered"
    | "read"
    | "replied"
    | "failed"
    | "unknown"
    | "skipped"
    | "cancelled";
  attempt: number | null;
  /** the provider's id, the error with what it means, the reason */
  detail: string | null;
}

interface Attempt {
  messageId: string;
  attempt: number;
  providerMessageId: string | null;
  sentAt: Date | null;
  deliveredAt: Date | null;
  readAt: Date | null;
  failedAt: Date | null;
  errorCode: string | null;
  error: string | null;
}

/** What happened to the messages so far, oldest first; what has no time comes last. As operator. */
export async function historyOf(
  tx: Transaction,
  organizationId: string,
  messages: readonly ListedJob[],
): Promise<Happening[]> {
  const ids = messages.map(({ id }) => id);
  const attempts = await tx.query<Attempt>(sql.attempts, [organizationId, ids]);
  const happenings = messages.flatMap((message) => [
    ...attempts
      .filter(({ messageId }) => messageId === message.id)
      .flatMap((each) => ofAttempt(message, each)),
    ...ofMessage(
      message,
      attempts.some(({ messageId, failedAt }) => messageId === message.id && failedAt !== null),
    ),
  ]);
  return happenings.sort((a, b) => timeOf(a) - timeOf(b));
}

function timeOf({ at }: Happening): number {
  return at?.getTime() ?? Number.POSITIVE_INFINITY;
}

function ofAttempt({ step }: ListedJob, attempt: Attempt): Happening[] {
  const { providerMessageId, sentAt, deliveredAt, readAt, failedAt, errorCode, error } = attempt;
  const when = (at: Date | null, what: Happening["what"], detail: string | null = null): Happening[] =>
    at === null ? [] : [{ at, step, what, attempt: attempt.attempt, detail }];
  return [
    ...when(sentAt, "sent", providerMessageId),
    ...when(deliveredAt, "delivered"),
    ...when(readAt, "read"),
    ...when(failedAt, "failed", meaningOf(errorCode, error)),
  ];
}

/** What the row itself tells beside its accepted attempts. */
function ofMessage(message: ListedJob, isToldFailed: boolean): Happening[] {
  const {
    step,
    status,
    attempts: attempt,
    dispatchedAt,
    sentAt,
    failedAt,
    repliedAt,
    unknownSince,
  } = message;
  const meaning = meaningOf(message.errorCode, message.error);
  const one = (at: Date | null, what: Happening["what"], detail: string | null): Happening => ({
    at,
    step,
    what,
    attempt,
    detail,
  });
  const isOpen = dispatchedAt !== null && sentAt === null && failedAt === null;
  return [
    ...(isOpen ? [one(dispatchedAt, "dispatched", status === "pending" ? meaning : null)] : []),
    ...(failedAt !== null && !isToldFailed ? [one(failedAt, "failed", meaning)] : []),
    ...(status === "unknown" ? [one(unknownSince, "unknown", meaning)] : []),
    ...(status === "skipped" ? [{ ...one(null, "skipped", message.reason), attempt: null }] : []),
    ...(status === "cancelled" ? [{ ...one(null, "cancelled", message.reason), attempt: null }] : []),
    ...(repliedAt !== null ? [{ ...one(repliedAt, "replied", null), attempt: null }] : []),
  ];
}

/** The code, what it means, and what came back. */
function meaningOf(errorCode: string | null, error: string | null): string | null {
  if (errorCode === null) return error;
  return `${errorCode}: ${adviceOn(errorCode).meaning}${error === null ? "" : ` (${error})`}`;
}
