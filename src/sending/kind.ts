/**
 * What a message in the lane is: a broadcast's job, a drip's log, or a message of the direct queue (an agent's answer, a
 * confirmation, a test). Also the first letter of its opaque id.
 */
export type Kind = "b" | "d" | "m";

/** Kinds that belong to a campaign. */
export type CampaignKind = Exclude<Kind, "m">;

/**
 * A statement about jobs, as one about logs: both tables have the same columns, and go through the same states.
 * @param sql names bulk_message_jobs and bulk_message_job_id
 */
export function forLogs(sql: string): string {
  return sql
    .replaceAll("bulk_message_jobs", "drip_message_logs")
    .replaceAll("bulk_message_job_id", "drip_message_log_id");
}
