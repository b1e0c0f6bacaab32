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

-- name: drip_replies_equal_rows
select format('enrollment %s: %s replies counted, rows %s', e.id, e.replies_received, n.replies) as example
  from drip_enrollments e
  left join (select l.enrollment_id, l.organization_id, count(*) as replies
               from drip_message_logs l where ($1::uuid is null or l.organization_id = $1) and l.replied_at is not null group by 1, 2) n
    on n.enrollment_id = e.id and n.organization_id = e.organization_id
 where ($1::uuid is null or e.organization_id = $1) and e.replies_received <> coalesce(n.replies, 0)
