import type { ListedJob } from "../../jobs/find.ts";
import { type Gate, pass, stop, wait } from "./gate.ts";

/** What has become of the message so far. @param message undefined: it is not written out yet */
export function messageGate(message: ListedJob | undefined): Gate {
  const gate = "message";
  if (message === undefined) return pass(gate, "is not written out yet");
  const { status, reason, next, nextAt, dispatchedAt } = message;
  const why = reason === "" ? "" : `: ${reason}`;
  switch (status) {
    case "pending":
      return pass(gate, `is pending${why}`);
    case "dispatching":
      return wait(gate, `was handed to the sender ${dispatchedAt?.toISOString()}: ${next}`);
    case "unknown":
      return wait(gate, `${reason.replace(/^nobody/, "unknown, nobody")}: ${next}`, nextAt);
    default:
      return stop(gate, `${status === "sent" || status === "cancelled" ? `is ${status}` : status}${why}`);
  }
}

/** Its own time: a retry, Meta's wait, hours that put it off, the contact's local time, a drip's step. */
export function nextAttemptGate(
  message: ListedJob | undefined,
  now: Date,
  localAt: Date | null = null,
): Gate {
  const gate = "next_attempt";
  const at = message?.status === "pending" ? message.nextAttemptAt : message === undefined ? localAt : null;
  if (at === null) return pass(gate, "whenever its turn comes");
  const what = message === undefined ? "the contact's local time" : attemptOf(message);
  return at > now ? wait(gate, what, at) : pass(gate, `${what}, due since ${at.toISOString()}`);
}

function attemptOf({ attempts, maxAttempts, kind, step, errorCode, waits, withheldAt }: ListedJob): string {
  if (withheldAt !== null) return "Meta withheld it: once more after a day";
  if (attempts > 0)
    return `attempt ${attempts + 1} of ${maxAttempts}${errorCode === null ? "" : `, after ${errorCode}`}`;
  if (waits > 0) return "Meta asked to wait with this person";
  return kind === "drip" ? `step ${step}` : "the time that was planned for it";
}
