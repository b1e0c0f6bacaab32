/** A broadcast as the database holds it; its definition as people write it, without the defaults. */
export interface Campaign {
  id: string;
  name: string;
  type: "promotional" | "transactional" | "notification" | "survey";
  status: CampaignStatus;
  targetAudience: object;
  message: { type: string; template?: string; language?: string };
  scheduling: {
    type: string;
    scheduledAt?: string;
    timezone?: string;
    sendBefore?: string;
    cron?: string;
    endsAt?: string;
  };
  rateLimiting: { enabled: boolean; messagesPerHour?: number };
  settings: object;
  /** of an A/B test, with their whole messages */
  variants: { name: string; weight: number; message: object }[];
  /** by name; null: the organization's default one, at its start */
  sender: string | null;
  statistics: CampaignStatistics;
  scheduledAt: Date | null;
  startedAt: Date | null;
  pausedAt: Date | null;
  pauseReason: string | null;
  completedAt: Date | null;
  cancelledAt: Date | null;
  createdAt: Date;
  /** messages with an unknown outcome that only a person, or a late status, settles */
  held: number;
}

export const CAMPAIGN_STATUSES = [
  "draft",
  "scheduled",
  "running",
  "paused",
  "completed",
  "cancelled",
] as const;
export type CampaignStatus = (typeof CAMPAIGN_STATUSES)[number];

/** Rates in percent of sent. */
export interface CampaignStatistics {
  totalTargets: number;
  messagesSent: number;
  messagesDelivered: number;
  messagesRead: number;
  messagesFailed: number;
  messagesSkipped: number;
  repliesReceived: number;
  optOuts: number;
  deliveryRate: number;
  openRate: number;
  replyRate: number;
}
