import type { Column } from "../cli/output/index.ts";
import type { Campaign } from "./campaign.ts";

export const savedColumns: Column<Campaign>[] = [
  { key: "id" },
  { key: "name" },
  { key: "type" },
  { key: "status" },
  { key: "scheduledAt", as: "time" },
  { key: "pauseReason", title: "Paused because" },
];

/** The list's rows are flat: the counts that people look for stand beside the name. */
export interface CampaignLine {
  id: string;
  name: string;
  type: string;
  status: string;
  sender: string | null;
  targets: number;
  sent: number;
  delivered: number;
  read: number;
  failed: number;
  skipped: number;
  held: number;
  scheduledAt: Date | null;
  pauseReason: string | null;
  createdAt: Date;
}

/** `completed, 3 held`: finished, but for what a person has to settle. */
export function withHeld(status: string, held: number): string {
  return held > 0 ? `${status}, ${held} held` : status;
}

export function lineOf({
  id,
  name,
  type,
  status,
  sender,
  statistics: s,
  scheduledAt,
  pauseReason,
  createdAt,
  held,
}: Campaign): CampaignLine {
  return {
    id,
    name,
    type,
    status,
    sender,
    targets: s.totalTargets,
    sent: s.messagesSent,
    delivered: s.messagesDelivered,
    read: s.messagesRead,
    failed: s.messagesFailed,
    skipped: s.messagesSkipped,
    held,
    scheduledAt,
    pauseReason,
    createdAt,
  };
}

export const listColumns: Column<CampaignLine>[] = [
  { key: "id", table: false },
  { key: "name" },
  { key: "type" },
  { key: "status" },
  { key: "sender" },
  { key: "targets" },
  { key: "sent" },
  { key: "delivered" },
  { key: "read" },
  { key: "failed" },
  { key: "skipped" },
  { key: "held", table: false },
  { key: "scheduledAt", title: "Scheduled", as: "time" },
  { key: "pauseReason", title: "Paused because" },
  { key: "createdAt", as: "time", table: false },
];
