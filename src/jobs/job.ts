import type { JobStatus } from "../sending/machine.ts";
import { isPermanent } from "../sending/outcomes.ts";

/** One message to one person: a broadcast's job, the log of a drip's step, or what an agent or the tool itself wrote. */
export interface Job {
  id: string;
  kind: "campaign" | "drip" | "direct";
  /** null: no campaign's, like the two below */
  campaignId: string | null;
  /** the broadcast's or drip's name */
  campaign: string | null;
  campaignStatus: string | null;
  pauseReason: string | null;
  /** of a drip */
  step: number | null;
  contactId: string;
  contact: string | null;
  phone: string | null;
  status: JobStatus;
  attempts: number;
  maxAttempts: number;
  /** pair limits so far */
  waits: number;
  withheldAt: Date | null;
  nextAttemptAt: Date | null;
  dispatchedAt: Date | null;
  unknownSince: Date | null;
  sentAt: Date | null;
  deliveredAt: Date | null;
  readAt: Date | null;
  failedAt: Date | null;
  repliedAt: Date | null;
  errorCode: string | null;
  error: string | null;
  skipReason: string | null;
  resolvedAs: "sent" | "not-sent" | null;
  sender: string | null;
  senderState: string | null;
  haltReason: string | null;
  restsUntil: Date | null;
  organizationPausedAt: Date | null;
  /** when its silence may mean something (holdMinutes after the dispatch) */
  ripeAt: Date | null;
  /** only a person, or a late status, settles it */
  isHeld: boolean;
  onUnknown: "retry" | "hold";
  now: Date;
}

/** What will happen to a message next, and when; null: at once, or never. */
export interface Next {
  next: string;
  nextAt: Date | null;
}

/** Why a message is where it is, in a few words. */
export function reasonOf(job: Job): string {
  switch (job.status) {
    case "skipped":
      return job.error ?? job.skipReason ?? "";
    case "failed":
      return errorOf(job);
    case "unknown":
      return `nobody knows whether it went out: ${job.error ?? job.errorCode ?? "no answer"}`;
    case "pending":
      return job.errorCode !== null || job.error !== null ? `waits after ${errorOf(job)}` : "";
    case "cancelled":
      return "its campaign was cancelled";
    case "sent":
      return job.resolvedAs === "sent" ? "a person said that it went out" : "";
    default:
      return "";
  }
}

function errorOf({ errorCode, error }: Job): string {
  return [errorCode, error].filter((part) => part !== null).join(": ");
}

/** What comes next for a message. */
export function nextOf(job: Job): Next {
  switch (job.status) {
    case "pending":
      return nextOfPending(job);
    case "dispatching":
      return { next: "its answer is recorded, or it becomes unknown when its worker is gone", nextAt: null };
    case "unknown":
      return nextOfUnknown(job);
    case "sent":
      return { next: "a status tells whether it was delivered", nextAt: null };
    case "failed":
      return { next: nextOfFailed(job), nextAt: null };
    default:
      return { next: "nothing", nextAt: null };
  }
}

function nextOfPending(job: Job): Next {
  const blocked = blockOf(job);
  if (blocked !== undefined) return { next: blocked, nextAt: job.nextAttemptAt };
  if (job.restsUntil !== null && job.restsUntil > job.now)
    return { next: `sent when its sender "${job.sender}" has rested`, nextAt: job.restsUntil };
  const attempt = `attempt ${job.attempts + 1} of ${job.maxAttempts}`;
  if (job.nextAttemptAt !== null && job.nextAttemptAt > job.now)
    return { next: attempt, nextAt: job.nextAttemptAt };
  return { next: `${attempt}, when its turn comes`, nextAt: job.nextAttemptAt };
}

/** What a person has to end before anything is sent. */
function blockOf(job: Job): string | undefined {
  if (job.organizationPausedAt !== null) return "waits while the organization is paused (adsapp org resume)";
  const noun = job.kind;
  if (job.campaignStatus === "paused")
    return `waits while its ${noun} is paused${job.pauseReason === null ? "" : `: ${job.pauseReason}`}`;
  if (job.senderState === "halted")
    return `waits while its sender "${job.sender}" is halted: ${job.haltReason} (adsapp sender resume)`;
  if (job.kind === "campaign" && job.campaignStatus !== "running")
    return `waits: its campaign is ${job.campaignStatus}`;
  if (job.kind === "drip" && job.nextAttemptAt === null) return "waits with its contact, who is paused";
  return undefined;
}

function nextOfUnknown(job: Job): Next {
  const byHand = `adsapp job resolve ${job.id} --as sent|not-sent`;
  if (job.kind === "direct")
    return { next: `waits for its status, or for a person (${byHand})`, nextAt: null };
  if (job.isHeld) return { next: `waits for a person, or a late status (${byHand})`, nextAt: null };
  const next = "sent again once later messages have their status and it has none; a status settles it too";
  return { next, nextAt: job.ripeAt };
}

function nextOfFailed(job: Job): string {
  if (job.kind !== "campaign" || job.campaignStatus === "cancelled" || isPermanent(job.errorCode))
    return "nothing";
  return `nothing, unless a person wants it tried again (adsapp campaign retry "${job.campaign}" --failed)`;
}
