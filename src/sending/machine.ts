export const JOB_STATUSES = [
  "pending",
  "dispatching",
  "unknown",
  "sent",
  "delivered",
  "read",
  "failed",
  "skipped",
  "cancelled",
] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** By whom a message steps from one state into another. `fact`: Meta says so, in an answer or a status, whatever was decided before. */
export type By =
  | "claim"
  | "gate"
  | "answer"
  | "rescue"
  | "proof"
  | "fact"
  | "late failure"
  | "person"
  | "cancel";

const FACTS = { sent: ["fact"], delivered: ["fact"], read: ["fact"] } as const;

/**
 * The life of a broadcast's job, and of a drip's log: from which state to which others it may step, and by whom. Nothing is
 * dispatched but from `pending`, and what may have been sent gets there only from `unknown` (by proof or a person, the policy
 * onUnknown) or when Meta says that it failed. docs/reference/message-states.md shows it; test/sending/machine.test.ts holds it.
 */
export const TRANSITIONS: Readonly<Record<JobStatus, Readonly<Partial<Record<JobStatus, readonly By[]>>>>> = {
  pending: {
    dispatching: ["claim"],
    skipped: ["gate"],
    cancelled: ["cancel"],
    failed: ["fact"],
    ...FACTS,
  },
  dispatching: {
    pending: ["answer", "late failure"],
    unknown: ["answer", "rescue"],
    skipped: ["answer"],
    failed: ["answer", "fact"],
    sent: ["answer", "fact"],
    delivered: ["fact"],
    read: ["fact"],
  },
  unknown: {
    pending: ["proof", "person", "late failure"],
    failed: ["fact", "person"],
    cancelled: ["person"],
    sent: ["fact", "person"],
    delivered: ["fact"],
    read: ["fact"],
  },
  sent: {
    pending: ["late failure"],
    failed: ["fact"],
    delivered: ["fact"],
    read: ["fact"],
  },
  delivered: { read: ["fact"] },
  read: {},
  failed: { pending: ["person"], ...FACTS },
  skipped: { pending: ["late failure"], failed: ["fact"], ...FACTS },
  cancelled: { failed: ["fact"], ...FACTS },
};

/** Whether a message may step from one state into the other. */
export function mayStep(from: JobStatus, to: JobStatus): boolean {
  return TRANSITIONS[from][to] !== undefined;
}
