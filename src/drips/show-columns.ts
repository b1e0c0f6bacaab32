import type { Column } from "../cli/output/index.ts";
import { triggerWords } from "../definitions/triggers.ts";
import type { DripDetails, FunnelStep } from "./show.ts";

/** What scripts read. */
export const detailColumns: Column<DripDetails>[] = [
  { key: "id" },
  { key: "name" },
  { key: "status" },
  { key: "trigger" },
  { key: "sender" },
  { key: "version" },
  { key: "statistics" },
  { key: "byStatus" },
  { key: "exitReasons" },
  { key: "funnel" },
  { key: "settings" },
  { key: "exitWhen" },
  { key: "steps" },
  { key: "createdAt" },
  { key: "activatedAt" },
  { key: "pausedAt" },
  { key: "pauseReason" },
  { key: "archivedAt" },
];

/** What people read: a line for each thing that is there. */
export interface DripSheet {
  id: string;
  name: string;
  status: string;
  pauseReason: string | null;
  trigger: string;
  sender: string | null;
  version: number;
  people: string;
  left: string;
  sent: number;
  delivered: string;
  read: string;
  replies: string;
  optOuts: number;
  activatedAt: Date | null;
  pausedAt: Date | null;
  archivedAt: Date | null;
}

export function sheetOf(details: DripDetails): DripSheet {
  const { id, name, status, pauseReason, trigger, sender, version, statistics: s } = details;
  const { activatedAt, pausedAt, archivedAt } = details;
  return {
    id,
    name,
    status,
    pauseReason,
    trigger: triggerWords(trigger),
    sender,
    version,
    people: counts(details.byStatus) || "nobody yet",
    left: counts(details.exitReasons),
    sent: s.messagesSent,
    delivered: `${s.messagesDelivered} (${s.deliveryRate} %)`,
    read: `${s.messagesRead} (${s.openRate} %)`,
    replies: `${s.repliesReceived} (${s.replyRate} %)`,
    optOuts: s.optOuts,
    activatedAt,
    pausedAt,
    archivedAt,
  };
}

export const sheetColumns: Column<DripSheet>[] = [
  { key: "id" },
  { key: "name" },
  { key: "status" },
  { key: "pauseReason", title: "Paused because" },
  { key: "trigger" },
  { key: "sender" },
  { key: "version" },
  { key: "people" },
  { key: "left", title: "Left because" },
  { key: "sent" },
  { key: "delivered" },
  { key: "read" },
  { key: "replies" },
  { key: "optOuts" },
  { key: "activatedAt", title: "Activated", as: "time" },
  { key: "pausedAt", title: "Paused", as: "time" },
  { key: "archivedAt", title: "Archived", as: "time" },
];

/** A funnel's line for people; the reasons of all three kinds in one cell. */
export interface FunnelLine extends Omit<FunnelStep, "reasons"> {
  because: string;
}

export function funnelLineOf({ reasons, ...step }: FunnelStep): FunnelLine {
  const because = Object.values(reasons)
    .map(counts)
    .filter((text) => text !== "");
  return { ...step, says: shortened(step.says), because: because.join("  ") };
}

export const funnelColumns: Column<FunnelLine>[] = [
  { key: "version", title: "V" },
  { key: "step" },
  { key: "delay", title: "After" },
  { key: "says", title: "Message" },
  { key: "waiting" },
  { key: "unknown" },
  { key: "sent" },
  { key: "delivered" },
  { key: "read" },
  { key: "replied" },
  { key: "failed" },
  { key: "skipped" },
  { key: "dropped" },
  { key: "because", title: "Why" },
];

function counts(of: Record<string, number>): string {
  return Object.entries(of)
    .map(([name, count]) => `${name} ${count}`)
    .join("  ");
}

function shortened(text: string): string {
  return text.length > 30 ? `${text.slice(0, 29)}…` : text;
}
