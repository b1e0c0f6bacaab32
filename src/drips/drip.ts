import type { Condition } from "../audience/condition-schema.ts";
import type { DripTrigger } from "./definition.ts";

export const DRIP_STATUSES = ["draft", "active", "paused", "archived"] as const;
export type DripStatus = (typeof DRIP_STATUSES)[number];

/** A drip as the database holds it; its definition as people write it, without the defaults. */
export interface Drip {
  id: string;
  name: string;
  status: DripStatus;
  trigger: DripTrigger;
  settings: object;
  exitWhen: Condition[];
  /** by name; null: the organization's default one, at the time of sending */
  sender: string | null;
  /** what people enter now */
  version: number;
  /** of this version */
  steps: Step[];
  statistics: DripStatistics;
  createdAt: Date;
  activatedAt: Date | null;
  pausedAt: Date | null;
  pauseReason: string | null;
  archivedAt: Date | null;
}

export interface Step {
  delay: { type: string; value: number };
  /** a local time, "10:00" */
  sendAt?: string;
  when?: Condition;
  message: { type: string; template?: string; text?: string };
}

/** Rates in percent: completion of those who entered, the others of sent. */
export interface DripStatistics {
  totalEnrolled: number;
  active: number;
  completed: number;
  dropped: number;
  optedOut: number;
  messagesSent: number;
  messagesDelivered: number;
  messagesRead: number;
  messagesFailed: number;
  messagesSkipped: number;
  repliesReceived: number;
  optOuts: number;
  completionRate: number;
  deliveryRate: number;
  openRate: number;
  replyRate: number;
}
