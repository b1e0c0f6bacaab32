import type { TargetAudience } from "../../audience/audience.ts";
import type { FrozenDefinition } from "../../templates/message.ts";
import { type Gate, pass, stop, wait } from "./gate.ts";
import type { LaneFacts, LimitFacts } from "./lane-gates.ts";
import type { PersonFacts } from "./person-gates.ts";

/** Where a broadcast stands, and one person's message of it. */
export interface BroadcastFacts extends LaneFacts {
  campaignId: string;
  campaign: string;
  campaignStatus: "draft" | "scheduled" | "running" | "paused" | "completed" | "cancelled";
  scheduledAt: Date | null;
  pauseReason: string | null;
  completedAt: Date | null;
  cancelledAt: Date | null;
  isLate: boolean;
  maxLateness: string;
  /** of the run, as text; null: there is none yet */
  occurrence: string | null;
  expandedAt: Date | null;
  audienceAt: Date | null;
  audience: TargetAudience;
  judgedAt: Date | null;
  canaryVerdict: "good" | "bad" | null;
  contactCreatedAt: Date;
  messageId: string | null;
}

/** What a claim finds of one person in a broadcast. */
export interface Weighed extends PersonFacts, LimitFacts {
  isNew: boolean;
  sendBefore: Date | null;
  perHour: number | null;
  /** attempts that messagesPerHour allows now */
  hourly: number | null;
  turnAt: Date | null;
  canaryLeft: number | null;
  definition: FrozenDefinition;
  isHeldOut: boolean;
  localAt: Date | null;
  variant: string | null;
}

export function campaignGate(facts: BroadcastFacts): Gate {
  const { campaign, campaignStatus, scheduledAt, now, pauseReason } = facts;
  const gate = "campaign";
  switch (campaignStatus) {
    case "draft":
      return wait(gate, `is a draft (adsapp campaign start "${campaign}")`);
    case "scheduled":
      return scheduledAt !== null && scheduledAt <= now
        ? pass(gate, "starts with the next tick")
        : wait(gate, "is scheduled", scheduledAt);
    case "paused":
      return wait(gate, `is paused: ${pauseReason} (adsapp campaign resume "${campaign}")`);
    case "running":
      return pass(gate, "is running");
    default:
      return stop(
        gate,
        `is ${campaignStatus} since ${(facts.completedAt ?? facts.cancelledAt)?.toISOString()}`,
      );
  }
}

export function latenessGate({ isLate, maxLateness }: BroadcastFacts): Gate {
  return isLate
    ? wait("lateness", `later than maxLateness (${maxLateness}): the next tick pauses the campaign`)
    : pass("lateness", `not later than maxLateness (${maxLateness})`);
}

export function sendBeforeGate({ sendBefore, now }: Weighed): Gate {
  if (sendBefore === null) return pass("send_before", "the campaign has none");
  return sendBefore <= now
    ? stop("send_before", `its time was over ${sendBefore.toISOString()}`)
    : pass("send_before", "in time", sendBefore);
}

export function holdoutGate({ isHeldOut }: Weighed): Gate {
  return isHeldOut ? stop("holdout", "will be kept out to measure lift") : pass("holdout", "is not kept out");
}

export function canaryGate(
  { judgedAt, canaryVerdict, now }: BroadcastFacts,
  { canaryLeft, isNew }: Weighed,
): Gate {
  const gate = "canary";
  if (canaryLeft === null) return pass(gate, "the campaign has none, or it went well");
  if (!isNew) return pass(gate, "binds first attempts only");
  if (canaryLeft > 0) return pass(gate, `${canaryLeft} of it are still to go out`);
  if (canaryVerdict === "good") return pass(gate, "went well: the next tick lets the rest go");
  if (canaryVerdict === "bad") return wait(gate, "went badly: the next tick pauses the campaign");
  const until = judgedAt !== null && judgedAt > now ? judgedAt : null;
  return wait(gate, "it is out; the rest waits for how it fares", until);
}

export function hourlyGate({ perHour, hourly, ahead, turnAt }: Weighed): Gate {
  const gate = "hourly_limit";
  if (perHour === null || hourly === null) return pass(gate, `no messagesPerHour; ${ahead} go before it`);
  return ahead >= hourly
    ? wait(gate, `${perHour} an hour at most, and ${ahead} go before it`, turnAt)
    : pass(gate, `${perHour} an hour at most, and ${hourly} may go now; ${ahead} go before it`);
}
