/** What a message in the lane belongs to: a broadcast's job, or a drip's log. Also the first letter of its opaque id. */
export type Kind = "b" | "d";

/**
 * A statement about jobs, as one about logs: both tables have the same columns, and go through the same states.
 * @param sql names bulk_message_jobs and bulk_message_job_id
 */
export function forLogs(sql: string): string {
  return sql
    .replaceAll("bulk_message_jobs", "drip_message_logs")
    .replaceAll("bulk_message_job_id", "drip_message_log_id");
}
