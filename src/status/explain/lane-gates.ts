import { breakerWords } from "../../sending/breaker.ts";
import { type Gate, pass, wait } from "./gate.ts";

/** What is known of the organization and the sender, whoever the message is for. */
export interface LaneFacts {
  now: Date;
  organizationName: string;
  organizationPausedAt: Date | null;
  senderId: string | null;
  sender: string | null;
  provider: "whatsapp-cloud" | "log" | null;
  senderState: "active" | "slowed" | "halted" | null;
  haltReason: string | null;
  throughputPerSecond: number | null;
  /** the messaging limit was full: nobody takes the lane before */
  limitedUntil: Date | null;
  restsUntil: Date | null;
  fullRateAt: Date | null;
}

/** What limits of the sender say of one person's message. */
export interface LimitFacts {
  now: Date;
  /** more than one message to this person from this sender just now: for how many seconds it waits; null: a log sender */
  wait: number | null;
  /** the portfolio has a messaging limit */
  isLimited: boolean;
  /** nothing is counted against it yet */
  isUncounted: boolean;
  /** how many more people the portfolio may reach */
  room: number | null;
  roomAt: Date | null;
  /** takes no room: reached already, or writing to us */
  isFree: boolean;
  /** messages of the campaign that go before it */
  ahead: number;
}

export function organizationGate({ organizationPausedAt }: LaneFacts): Gate {
  return organizationPausedAt === null
    ? pass("organization", "is not paused")
    : wait("organization", `is paused since ${organizationPausedAt.toISOString()} (adsapp org resume)`);
}

export function senderGate(facts: LaneFacts): Gate {
  const { now, sender, senderState, haltReason, restsUntil, fullRateAt, throughputPerSecond } = facts;
  if (sender === null) return wait("sender", "the organization has none (adsapp sender add)");
  if (senderState === "halted")
    return wait("sender", `"${sender}" is halted: ${haltReason} (adsapp sender resume "${sender}")`);
  if (restsUntil !== null && restsUntil > now)
    return wait("sender", `"${sender}" rests: Meta asked it to slow down`, restsUntil);
  if (senderState === "slowed" && fullRateAt !== null && fullRateAt > now)
    return pass("sender", `"${sender}" goes slower until then: Meta asked it to`, fullRateAt);
  return pass("sender", `"${sender}" sends, ${throughputPerSecond} messages a second at most`);
}

/** Unique people in 24 hours, of the whole portfolio. */
export function messagingLimitGate(facts: LimitFacts, { limitedUntil }: LaneFacts): Gate {
  const { now, isLimited, isUncounted, room, roomAt, isFree, ahead } = facts;
  const gate = "messaging_limit";
  if (!isLimited || room === null) return pass(gate, "the sender's portfolio has none");
  if (limitedUntil !== null && limitedUntil > now)
    return wait(gate, "the portfolio is full; it is looked at again then", limitedUntil);
  if (isUncounted) return pass(gate, "is new: the next claim counts who was reached already");
  if (isFree) return pass(gate, "the person takes no room: reached within a day, or writing to us");
  if (room < 1) return wait(gate, "the portfolio has reached as many people as it may in 24 hours", roomAt);
  if (ahead >= room)
    return wait(gate, `room for ${room} more people in 24 hours, and ${ahead} go before this one`, roomAt);
  return pass(gate, `room for ${room} more people in 24 hours`);
}

/** One message each 6 s to the same person, after a burst of 45. */
export function pairGate({ now, wait: seconds }: LimitFacts): Gate {
  const gate = "pair_limit";
  if (seconds === null) return pass(gate, "binds no log sender");
  return seconds > 0
    ? wait(gate, "too many messages to this person just now", new Date(now.getTime() + seconds * 1000))
    : pass(gate, "few enough messages to this person just now");
}

/** @param errorCodes of the campaign's last answered messages, null where it went well */
export function breakerGate(errorCodes: readonly (string | null)[]): Gate {
  return pass("breaker", breakerWords(errorCodes));
}
