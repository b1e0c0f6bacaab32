What reports break days down by says what the rows say. $1: one organization, or null for all.

-- name: failures_equal_rows
with counted as (
  select f.campaign_id, f.date, f.error_code, f.failures::bigint from failure_analytics f where ($1::uuid is null or f.organization_id = $1) and f.failures <> 0
), rows as (
  select j.campaign_id, j.counted_on as date, coalesce(j.error_code, 'none') as error_code, count(*) as failures
    from bulk_message_jobs j where ($1::uuid is null or j.organization_id = $1) and j.status = 'failed' group by 1, 2, 3
  union all
  select l.campaign_id, l.counted_on, coalesce(l.error_code, 'none'), count(*)
    from drip_message_logs l where ($1::uuid is null or l.organization_id = $1) and l.status = 'failed' group by 1, 2, 3
)
select format('campaign %s on %s: %s failures with %s counted, rows %s', campaign_id, date, coalesce(c.failures, 0), error_code, coalesce(r.failures, 0)) as example
  from counted c full join rows r using (campaign_id, date, error_code)
 where c.failures is distinct from r.failures

-- name: steps_equal_rows
with counted as (
  select d.step_id, d.date, array[d.messages_sent, d.messages_delivered, d.messages_read, d.messages_failed, d.replies_received]::bigint[] as counts
    from drip_step_analytics d where $1::uuid is null or d.organization_id = $1
), rows as (
  select l.step_id, l.counted_on as date,
         array[count(l.sent_at), count(l.delivered_at), count(l.read_at), count(*) filter (where l.status = 'failed'), count(l.replied_at)] as counts
    from drip_message_logs l where ($1::uuid is null or l.organization_id = $1) and l.counted_on is not null group by 1, 2
)
select format('step %s on %s: counted %s, rows %s (sent, delivered, read, failed, replies)', step_id, date, c.counts, r.counts) as example
  from counted c full join rows r using (step_id, date)
 where coalesce(c.counts, array_fill(0::bigint, array[5])) <> coalesce(r.counts, array_fill(0::bigint, array[5]))
union all
select format('enrollment %s: %s replies counted, rows %s', e.id, e.replies_received, n.replies)
  from drip_enrollments e
  left join (select l.enrollment_id, l.organization_id, count(*) as replies
               from drip_message_logs l where ($1::uuid is null or l.organization_id = $1) and l.replied_at is not null group by 1, 2) n
    on n.enrollment_id = e.id and n.organization_id = e.organization_id
 where ($1::uuid is null or e.organization_id = $1) and e.replies_received <> coalesce(n.replies, 0)
