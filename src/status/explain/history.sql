-- name: attempts
-- What was accepted of these messages, an attempt each. $1 organization, $2 jobs or logs.
select coalesce(m.bulk_message_job_id, m.drip_message_log_id) as message_id, m.attempt, m.provider_message_id, m.sent_at, m.delivered_at, m.read_at,
       m.failed_at, m.error_code, m.error
  from messages m
 where m.organization_id = $1 and (m.bulk_message_job_id = any ($2::uuid[]) or m.drip_message_log_id = any ($2::uuid[]))
 order by m.sent_at, m.attempt
