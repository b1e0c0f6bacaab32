import type { Column } from "../cli/output/index.ts";
import { triggerWords } from "../definitions/triggers.ts";
import type { Drip } from "./drip.ts";

/** A drip after a change of it: flat, with what people look for. */
export interface SavedDrip {
  id: string;
  name: string;
  trigger: string;
  status: string;
  version: number;
  steps: number;
  pauseReason: string | null;
}

export function savedOf({ id, name, trigger, status, version, steps, pauseReason }: Drip): SavedDrip {
  return { id, name, trigger: triggerWords(trigger), status, version, steps: steps.length, pauseReason };
}

export const savedColumns: Column<SavedDrip>[] = [
  { key: "id" },
  { key: "name" },
  { key: "trigger" },
  { key: "status" },
  { key: "version" },
  { key: "steps" },
  { key: "pauseReason", title: "Paused because" },
];

/** The list's rows are flat: the counts that people look for stand beside the name. */
export interface DripLine extends SavedDrip {
  sender: string | null;
  enrolled: number;
  active: number;
  completed: number;
  dropped: number;
  optedOut: number;
  sent: number;
  delivered: number;
  read: number;
  replies: number;
  createdAt: Date;
}

export function lineOf(drip: Drip): DripLine {
  const { sender, statistics: s, createdAt } = drip;
  return {
    ...savedOf(drip),
    sender,
    enrolled: s.totalEnrolled,
    active: s.active,
    completed: s.completed,
    dropped: s.dropped,
    optedOut: s.optedOut,
    sent: s.messagesSent,
    delivered: s.messagesDelivered,
    read: s.messagesRead,
    replies: s.repliesReceived,
    createdAt,
  };
}

export const listColumns: Column<DripLine>[] = [
  { key: "id", table: false },
  { key: "name" },
  { key: "trigger" },
  { key: "status" },
  { key: "sender" },
  { key: "version" },
  { key: "steps" },
  { key: "enrolled" },
  { key: "active" },
  { key: "completed" },
  { key: "dropped" },
  { key: "optedOut" },
  { key: "sent" },
  { key: "delivered" },
  { key: "read" },
  { key: "replies" },
  { key: "pauseReason", title: "Paused because" },
  { key: "createdAt", as: "time", table: false },
];
