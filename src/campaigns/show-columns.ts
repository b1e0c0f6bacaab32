import type { Column } from "../cli/output/index.ts";
import { withHeld } from "./columns.ts";
import type { Outlook } from "./outlook.ts";
import type { CampaignDetails } from "./show.ts";

/** What scripts read. */
export const detailColumns: Column<CampaignDetails>[] = [
  { key: "id" },
  { key: "name" },
  { key: "type" },
  { key: "status" },
  { key: "sender" },
  { key: "statistics" },
  { key: "byStatus" },
  { key: "held" },
  { key: "skipReasons" },
  { key: "byVariant" },
  { key: "failures" },
  { key: "scheduling" },
  { key: "canary" },
  { key: "forecast" },
  { key: "targetAudience" },
  { key: "message" },
  { key: "rateLimiting" },
  { key: "settings" },
  { key: "createdAt" },
  { key: "scheduledAt" },
  { key: "startedAt" },
  { key: "pausedAt" },
  { key: "pauseReason" },
  { key: "completedAt" },
  { key: "cancelledAt" },
];

/** What people read: a line for each thing that is there. */
export interface CampaignSheet {
  id: string;
  name: string;
  type: string;
  status: string;
  pauseReason: string | null;
  sender: string | null;
  audience: string;
  sent: string;
  delivered: string;
  read: string;
  failed: string;
  skipped: string;
  replies: string;
  optOuts: number;
  left: string;
  variants: string | null;
  canary: string | null;
  scheduledAt: Date | null;
  startedAt: Date | null;
  endedAt: Date | null;
  readyAt: Date | null;
  heldUpBy: string | null;
}

export function sheetOf(details: CampaignDetails): CampaignSheet {
  const {
    id,
    name,
    type,
    status,
    pauseReason,
    sender,
    statistics: s,
    byStatus,
    skipReasons,
    held,
    forecast,
  } = details;
  return {
    id,
    name,
    type,
    status: withHeld(status, held),
    pauseReason,
    sender,
    audience:
      status === "draft" || status === "scheduled"
        ? "not written out yet (campaign preview counts it)"
        : String(s.totalTargets),
    sent: String(s.messagesSent),
    delivered: `${s.messagesDelivered} (${s.deliveryRate} %)`,
    read: `${s.messagesRead} (${s.openRate} %)`,
    failed: String(s.messagesFailed),
    skipped: [s.messagesSkipped, ...counts(skipReasons)].join("  "),
    replies: `${s.repliesReceived} (${s.replyRate} %)`,
    optOuts: s.optOuts,
    left: leftOf(byStatus, held),
    variants: variantsLine(details),
    canary: canaryLine(details),
    scheduledAt: details.scheduledAt,
    startedAt: details.startedAt,
    endedAt: details.completedAt ?? details.cancelledAt,
    readyAt: readyAt(status, forecast),
    heldUpBy: forecast === null || forecast.heldUpBy.length === 0 ? null : forecast.heldUpBy.join(", "),
  };
}

export const sheetColumns: Column<CampaignSheet>[] = [
  { key: "id" },
  { key: "name" },
  { key: "type" },
  { key: "status" },
  { key: "pauseReason", title: "Paused because" },
  { key: "sender" },
  { key: "audience" },
  { key: "sent" },
  { key: "delivered" },
  { key: "read" },
  { key: "failed" },
  { key: "skipped" },
  { key: "replies" },
  { key: "optOuts" },
  { key: "left", title: "Not sent yet" },
  { key: "variants" },
  { key: "canary" },
  { key: "scheduledAt", title: "Scheduled", as: "time" },
  { key: "startedAt", title: "Started", as: "time" },
  { key: "endedAt", title: "Ended", as: "time" },
  { key: "readyAt", title: "Done at about", as: "time" },
  { key: "heldUpBy", title: "Held up by" },
];

function counts(of: Record<string, number>): string[] {
  return Object.entries(of).map(([name, count]) => `${name} ${count}`);
}

function leftOf(byStatus: Record<string, number>, held: number): string {
  const open = ["pending", "dispatching", "unknown", "cancelled"].filter(
    (status) => (byStatus[status] ?? 0) > 0,
  );
  const heldOnes = held > 0 ? [`of which ${held} wait for a person`] : [];
  return [...open.map((status) => `${status} ${byStatus[status]}`), ...heldOnes].join("  ") || "0";
}

function variantsLine({ byVariant }: CampaignDetails): string | null {
  if (byVariant.length === 0) return null;
  const percent = (part: number, whole: number) => (whole === 0 ? 0 : Math.round((1000 * part) / whole) / 10);
  return byVariant
    .map(
      ({ name, sent, read, replied }) =>
        `${name}: sent ${sent}, read ${percent(read, sent)} %, replied ${percent(replied, sent)} %`,
    )
    .join("  ");
}

function canaryLine({ canary }: CampaignDetails): string | null {
  if (canary === null) return null;
  const { messages, dispatched, judgedAt } = canary;
  if (judgedAt === null) return `${dispatched} of ${messages} went out; the others wait for how they fare`;
  return `${dispatched} went out; the others wait for how they fare, until ${judgedAt.toISOString()} at least`;
}

function readyAt(status: string, forecast: Outlook | null): Date | null {
  return status === "running" && forecast !== null && forecast.messages > 0 ? forecast.finishesAt : null;
}
