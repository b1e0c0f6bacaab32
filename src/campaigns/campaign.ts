/** A broadcast as the database holds it. */
export interface Campaign {
  id: string;
  name: string;
  type: "promotional" | "transactional" | "notification" | "survey";
  status: CampaignStatus;
  targetAudience: object;
  message: { type: string; template?: string; language?: string };
  scheduling: { type: string; scheduledAt?: string; timezone?: string; sendBefore?: string };
  rateLimiting: { enabled: boolean; messagesPerHour?: number };
  settings: object;
  sender: string | null;
  statistics: CampaignStatistics;
  scheduledAt: Date | null;
  startedAt: Date | null;
  pausedAt: Date | null;
  pauseReason: string | null;
  completedAt: Date | null;
  createdAt: Date;
}

export type CampaignStatus = "draft" | "scheduled" | "running" | "paused" | "completed" | "cancelled";

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

export const CAMPAIGN_STATUSES: readonly CampaignStatus[] = ["draft", "scheduled", "running", "paused", "completed", "cancelled"];
