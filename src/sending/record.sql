-- name: recordOutcomes
-- Of all lanes of a process: one array a column, beginning with each row's lane (token, organization, sender); last the windows that are
-- done with. What is joined is joined by one key, so that the planner takes hundreds for what they are.
-- Facts are never fenced: `sent` is written whatever happened to the row. Decisions (retry, fail, unknown, hand back)
-- hold only where the row still carries this worker's token, and none undoes an earlier attempt's acceptance, which may
-- have become known meanwhile: the person has the message.
with outcomes as materialized (
  select *, adsapp_now() as now
    from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::smallint[], $6::text[], $7::text[], $8::timestamptz[], $9::text[], $10::text[],
                $11::float8[], $12::text[], $13::text[])
      as o(lane_token, organization_id, sender_id, job_id, attempt, outcome, provider_message_id, at, error_code, error, after_seconds, type, body)
), locked as materialized (
  select j.id, j.organization_id, j.contact_id, j.attempts, j.max_attempts, j.withheld_at, j.message_id
    from bulk_message_jobs j where j.id = any ($4::uuid[]) order by j.id for no key update
), accepted as (
  insert into messages as m (organization_id, direction, contact_id, sender_id, bulk_message_job_id, attempt, type, body, provider_message_id, status, sent_at)
  select o.organization_id, 'outbound', l.contact_id, o.sender_id, o.job_id, o.attempt, o.type, o.body, o.provider_message_id, 'sent', o.at
    from outcomes o join locked l on l.id = o.job_id
   where o.outcome = 'sent'
   order by o.provider_message_id
  on conflict (provider_message_id, organization_id) do update -- its webhook was faster
     set type = excluded.type, body = excluded.body, sent_at = excluded.sent_at
  returning m.id, m.bulk_message_job_id, m.status
), decided as materialized ( -- kept: the person has an earlier one. noted: it was accepted, and Meta has said already that it failed
  select o.*, a.id as message_id,
         case when o.outcome = 'sent' then case when a.status = 'failed' then 'noted' else 'sent' end
              when (select m.status <> 'failed' from messages m where m.id = l.message_id and m.organization_id = l.organization_id) then 'kept' -- by its key, whatever the planner thinks
              when o.outcome in ('opted_out', 'undeliverable') or (o.outcome = 'retry' and l.attempts >= l.max_attempts)
                or (o.outcome = 'withheld' and l.withheld_at is not null) then 'failed' -- a day ago it was withheld too
              when o.outcome in ('retry', 'wait', 'later', 'withheld', 'handback') then 'pending'
              when o.outcome = 'skip' then 'skipped'
              else o.outcome end as becomes
    from outcomes o
    join locked l on l.id = o.job_id
    left join accepted a on a.bulk_message_job_id = o.job_id
), windows as (
  delete from lane_windows w where w.id = any ($14::uuid[]) and w.sender_id = any ($3::uuid[])
), optouts as (
  update contacts c
     set opted_out_at = coalesce(c.opted_out_at, case when o.outcome = 'opted_out' then o.now end),
         opt_out_source = coalesce(c.opt_out_source, case when o.outcome = 'opted_out' then 'provider: ' || o.error_code end),
         undeliverable_at = case when o.outcome = 'undeliverable' then o.now else c.undeliverable_at end
    from outcomes o join locked l on l.id = o.job_id
   where o.outcome in ('opted_out', 'undeliverable') and c.id = l.contact_id and c.organization_id = o.organization_id
)
update bulk_message_jobs j
   set status = case
         when o.becomes = 'sent' then case when j.status in ('unknown', 'pending', 'cancelled', 'skipped')
                                             or (j.status = 'dispatching' and j.attempts = o.attempt)
                                             or (j.status = 'failed' and j.message_id is null) -- which was said of another attempt
                                           then 'sent' else j.status end
         when o.becomes = 'noted' then j.status
         when o.becomes = 'kept' then 'sent'
         else o.becomes end,
       attempts = j.attempts - (o.becomes <> 'failed' and o.outcome in ('wait', 'later', 'withheld', 'handback', 'skip'))::int,
       waits = j.waits + (o.becomes = 'pending' and o.outcome = 'wait' and o.after_seconds > 0)::int,
       withheld_at = case when o.becomes = 'pending' and o.outcome = 'withheld' then o.now else j.withheld_at end,
       next_attempt_at = case when o.becomes = 'pending' then o.now + make_interval(secs => o.after_seconds)
                              when o.becomes = 'noted' then j.next_attempt_at end,
       unknown_since = case when o.becomes = 'unknown' then o.now when o.becomes = 'noted' then j.unknown_since end,
       skip_reason = case when o.becomes = 'skipped' then o.error_code when o.becomes = 'noted' then j.skip_reason end,
       lane_token = case when o.becomes = 'noted' or (o.becomes = 'sent' and j.status = 'dispatching' and j.attempts <> o.attempt) then j.lane_token end,
       message_id = coalesce(case when o.becomes = 'noted' then j.message_id end, o.message_id, j.message_id),
       error_code = case when o.becomes in ('skipped', 'kept', 'noted') or o.outcome = 'handback' or (o.becomes = 'sent' and j.status = 'failed' and j.message_id is not null) then j.error_code else o.error_code end,
       error = case when o.becomes in ('kept', 'noted') or o.outcome = 'handback' or (o.becomes = 'sent' and j.status = 'failed' and j.message_id is not null) then j.error else o.error end,
       sent_at = case when o.becomes in ('sent', 'noted') then coalesce(case when j.message_id is distinct from o.message_id then j.sent_at end, o.at) else j.sent_at end,
       failed_at = case when o.becomes = 'failed' then coalesce(j.failed_at, o.now) else j.failed_at end,
       counted_on = case when o.becomes in ('sent', 'noted') and j.sent_at is null then (o.at at time zone z.timezone)::date -- a failure had its own day
                         when o.becomes = 'failed' then coalesce(j.counted_on, (o.at at time zone z.timezone)::date) else j.counted_on end
  from decided o
  join organizations z on z.id = o.organization_id
 where j.id = o.job_id and j.organization_id = o.organization_id and j.id = any ($4::uuid[])
   and (o.becomes in ('sent', 'noted') or (j.status = 'dispatching' and j.lane_token = o.lane_token and j.attempts = o.attempt))
returning j.id, j.status

-- name: lockEnrollments
-- Drips, then their enrollments, then (in the next statement) the logs: the order in which planning and leaving lock too. $1 logs.
with drips as materialized (
  select d.id from drip_campaigns d where d.id in (select l.campaign_id from drip_message_logs l where l.id = any ($1::uuid[]))
   order by d.id for no key update
)
select from drip_enrollments e
 where (select count(*) from drips) > 0 and e.id in (select l.enrollment_id from drip_message_logs l where l.id = any ($1::uuid[]))
 order by e.id for no key update
