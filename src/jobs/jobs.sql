-- name: listJobs
-- Messages of broadcasts, as `job list` shows them: newest campaign first, then in the order of first attempts. Unknown ones by their own
-- small index. $1 organization, $2 campaign or null, $3 contact or null, $4 status or null, $5 error code or null, $6 job or null, $7 how many.
select j.id, 'campaign' as kind, c.id as campaign_id, c.name as campaign, c.status as campaign_status, c.pause_reason, null::int as step,
       j.contact_id, nullif(concat_ws(' ', p.first_name, p.last_name), '') as contact, p.phone,
       j.status, j.attempts, j.max_attempts, j.waits, j.withheld_at, j.next_attempt_at, j.dispatched_at, j.unknown_since, j.sent_at, j.delivered_at, j.read_at,
       j.failed_at, j.replied_at, j.error_code, j.error, j.skip_reason, j.resolved_as,
       s.name as sender, s.state as sender_state, s.halt_reason, case when s.state = 'slowed' then s.rests_until end as rests_until, o.paused_at as organization_paused_at,
       j.dispatched_at + make_interval(mins => coalesce((r.definition #>> '{settings,holdMinutes}')::int, 10)) as ripe_at,
       j.status = 'unknown' and (c.status in ('completed', 'cancelled')
                                 or adsapp_is_held(r.definition #>> '{settings,onUnknown}', j.attempts, j.max_attempts, j.dispatched_at)) as is_held,
       coalesce(r.definition #>> '{settings,onUnknown}', 'retry') as on_unknown, adsapp_now() as now
  from bulk_campaigns c
  cross join lateral (
    select x.* from bulk_message_jobs x
     where x.campaign_id = c.id and x.organization_id = c.organization_id
       and ($3::uuid is null or x.contact_id = $3) and ($4::text is null or x.status = $4) and ($4 is distinct from 'unknown' or x.unknown_since is not null)
       and ($5::text is null or x.error_code = $5) and ($6::uuid is null or x.id = $6)
     order by x.occurrence desc, x.seq limit $7) j
  join campaign_runs r on r.campaign_id = j.campaign_id and r.occurrence = j.occurrence and r.organization_id = j.organization_id
  join organizations o on o.id = c.organization_id
  join contacts p on p.id = j.contact_id and p.organization_id = j.organization_id
  left join senders s on s.id = r.sender_id and s.organization_id = r.organization_id
 where c.organization_id = $1 and ($2::uuid is null or c.id = $2)
   and ($6::uuid is null or c.id = (select x.campaign_id from bulk_message_jobs x where x.id = $6 and x.organization_id = $1))
 order by c.created_at desc, j.occurrence desc, j.seq limit $7

-- name: listLogs
-- The same of drips, the last planned one first. $2 is the drip.
select l.id, 'drip' as kind, d.id as campaign_id, d.name as campaign, d.status as campaign_status, d.pause_reason, l.step_order as step,
       l.contact_id, nullif(concat_ws(' ', p.first_name, p.last_name), '') as contact, p.phone,
       l.status, l.attempts, l.max_attempts, l.waits, l.withheld_at, l.next_attempt_at, l.dispatched_at, l.unknown_since, l.sent_at, l.delivered_at, l.read_at,
       l.failed_at, l.replied_at, l.error_code, l.error, l.skip_reason, l.resolved_as,
       s.name as sender, s.state as sender_state, s.halt_reason, case when s.state = 'slowed' then s.rests_until end as rests_until, o.paused_at as organization_paused_at,
       l.dispatched_at + make_interval(mins => coalesce((d.settings ->> 'holdMinutes')::int, 10)) as ripe_at,
       l.status = 'unknown' and (e.ended_at is not null or d.status = 'archived'
                                 or adsapp_is_held(d.settings ->> 'onUnknown', l.attempts, l.max_attempts, l.dispatched_at)) as is_held,
       coalesce(d.settings ->> 'onUnknown', 'retry') as on_unknown, adsapp_now() as now
  from drip_campaigns d
  cross join lateral (
    select x.* from drip_message_logs x
     where x.campaign_id = d.id and x.organization_id = d.organization_id
       and ($3::uuid is null or x.contact_id = $3) and ($4::text is null or x.status = $4) and ($4 is distinct from 'unknown' or x.unknown_since is not null)
       and ($5::text is null or x.error_code = $5) and ($6::uuid is null or x.id = $6)
     order by x.scheduled_for desc limit $7) l
  join drip_enrollments e on e.id = l.enrollment_id and e.organization_id = l.organization_id
  join organizations o on o.id = d.organization_id
  join contacts p on p.id = l.contact_id and p.organization_id = l.organization_id
  left join senders s on s.organization_id = d.organization_id and case when d.sender_id is null then s.is_default else s.id = d.sender_id end
 where d.organization_id = $1 and ($2::uuid is null or d.id = $2)
   and ($6::uuid is null or d.id = (select x.campaign_id from drip_message_logs x where x.id = $6 and x.organization_id = $1))
 order by d.created_at desc, l.scheduled_for desc limit $7

-- name: listDirect
-- The same of what no campaign sends (answers of agents, confirmations, tests), the newest first. As listJobs, without its $2. A person's word that one
-- went out leaves it without an id of the provider's.
select m.id, 'direct' as kind, null::uuid as campaign_id, null as campaign, null as campaign_status, null as pause_reason, null::int as step,
       m.contact_id, nullif(concat_ws(' ', p.first_name, p.last_name), '') as contact, p.phone,
       case when q.lane_token is not null then 'dispatching' else m.status end as status,
       coalesce(q.attempts, m.attempt, 0) as attempts, adsapp_direct_attempts() as max_attempts, coalesce(q.waits, 0) as waits, null::timestamptz as withheld_at,
       q.next_attempt_at, q.dispatched_at, case when m.status = 'unknown' then m.created_at end as unknown_since, m.sent_at, m.delivered_at, m.read_at,
       m.failed_at, null::timestamptz as replied_at, m.error_code, m.error, null as skip_reason,
       case when m.error_code = 'not_sent' then 'not-sent' when m.status in ('sent', 'delivered', 'read') and m.provider_message_id is null then 'sent' end as resolved_as,
       s.name as sender, s.state as sender_state, s.halt_reason, case when s.state = 'slowed' then s.rests_until end as rests_until, o.paused_at as organization_paused_at,
       null::timestamptz as ripe_at, m.status = 'unknown' as is_held, 'hold' as on_unknown, adsapp_now() as now
  from messages m
  join organizations o on o.id = m.organization_id
  join contacts p on p.id = m.contact_id and p.organization_id = m.organization_id
  left join direct_queue q on q.message_id = m.id and q.organization_id = m.organization_id
  left join senders s on s.id = m.sender_id and s.organization_id = m.organization_id
 where m.organization_id = $1 and m.direction = 'outbound' and m.direct_contact_id is not null
   and ($2::uuid is null or m.direct_contact_id = $2)
   and ($3::text is null or case when q.lane_token is not null then 'dispatching' else m.status end = $3)
   and ($4::text is null or m.error_code = $4) and ($5::uuid is null or m.id = $5)
 order by m.created_at desc, m.id limit $6

-- name: jobOfMessage
-- Whose the message of a provider's id is. $1 organization, $2 id.
select coalesce(m.bulk_message_job_id, m.drip_message_log_id, m.id) as id from messages m
 where m.organization_id = $1 and m.provider_message_id = $2 and m.direction = 'outbound'

-- name: messagesOfJob
-- What was accepted, an attempt each. $1 organization, $2 job or log.
select m.attempt, m.provider_message_id, m.status, m.body, m.sent_at, m.delivered_at, m.read_at, m.failed_at, m.error_code, m.error
  from messages m where m.organization_id = $1 and (m.bulk_message_job_id = $2 or m.drip_message_log_id = $2 or (m.id = $2 and m.provider_message_id is not null))
 order by m.attempt, m.sent_at

-- name: resolveJobs
-- What a person says of unknown outcomes. Their campaigns are locked first: none is completed meanwhile. $1 organization, $2 job or null, $3 campaign or
-- null, $4 sent or not-sent. Sent: at its dispatch. Not sent: pending again while it has an attempt left, unless the campaign was cancelled.
with campaigns as materialized (
  select c.id, c.status from bulk_campaigns c
   where c.organization_id = $1 and (c.id = $3 or c.id = (select j.campaign_id from bulk_message_jobs j where j.id = $2 and j.organization_id = $1))
   order by c.id for no key update
), open as materialized (
  select j.id, c.status as campaign_status, o.timezone
    from campaigns c
    join bulk_message_jobs j on j.campaign_id = c.id and j.organization_id = $1 and j.unknown_since is not null and ($2::uuid is null or j.id = $2)
    join organizations o on o.id = j.organization_id
   order by j.id for no key update of j
), told as materialized (
  select j.id, w.becomes, w.timezone
    from bulk_message_jobs j
    join (select x.*, case when $4::text = 'sent' then 'sent' when x.campaign_status = 'cancelled' then 'cancelled' else 'pending' end as becomes from open x) w on w.id = j.id
)
update bulk_message_jobs j
   set status = case when t.becomes = 'pending' and j.attempts >= j.max_attempts then 'failed' else t.becomes end,
       unknown_since = null, resolved_as = $4::text,
       next_attempt_at = case when t.becomes = 'pending' and j.attempts < j.max_attempts then adsapp_now() end,
       sent_at = case when t.becomes = 'sent' then coalesce(j.sent_at, j.dispatched_at) else j.sent_at end,
       failed_at = case when t.becomes = 'pending' and j.attempts >= j.max_attempts then adsapp_now() end,
       counted_on = case when t.becomes = 'sent' and j.sent_at is null then (j.dispatched_at at time zone t.timezone)::date
                         when t.becomes = 'pending' and j.attempts >= j.max_attempts then coalesce(j.counted_on, (adsapp_now() at time zone t.timezone)::date)
                         else j.counted_on end,
       error_code = case when t.becomes <> 'sent' then 'not_sent' end,
       error = case when t.becomes <> 'sent' then 'a person said that it did not go out' end
  from told t
 where j.id = t.id and j.organization_id = $1 and j.status = 'unknown'
returning j.id, j.campaign_id, j.status

-- name: resolveLogs
-- The same of drips: enrollments first, as everybody locks. Not sent: pending again only where the drip has not gone past the step.
with people as materialized (
  select e.id, e.ended_at, e.current_step_order from drip_enrollments e
   where e.organization_id = $1 and e.id = (select l.enrollment_id from drip_message_logs l where l.id = $2 and l.organization_id = $1)
   order by e.id for no key update
), told as materialized (
  select l.id, o.timezone, $4::text = 'sent' as is_sent,
         $4::text <> 'sent' and l.attempts < l.max_attempts and e.ended_at is null and e.current_step_order = l.step_order as goes_again
    from people e
    join drip_message_logs l on l.enrollment_id = e.id and l.id = $2 and l.unknown_since is not null
    join organizations o on o.id = l.organization_id
   where $3::uuid is null
     for no key update of l
)
update drip_message_logs j
   set status = case when t.is_sent then 'sent' when t.goes_again then 'pending' else 'failed' end,
       unknown_since = null, resolved_as = $4::text,
       next_attempt_at = case when t.goes_again then adsapp_now() end,
       sent_at = case when t.is_sent then coalesce(j.sent_at, j.dispatched_at) else j.sent_at end,
       failed_at = case when not t.is_sent and not t.goes_again then adsapp_now() end,
       counted_on = case when t.is_sent and j.sent_at is null then (j.dispatched_at at time zone t.timezone)::date
                         when not t.is_sent and not t.goes_again then coalesce(j.counted_on, (adsapp_now() at time zone t.timezone)::date) else j.counted_on end,
       error_code = case when not t.is_sent then 'not_sent' end,
       error = case when not t.is_sent then 'a person said that it did not go out' end
  from told t
 where j.id = t.id and j.organization_id = $1 and j.status = 'unknown'
returning j.id, j.campaign_id, j.status

-- name: resolveDirect
-- The same of a direct message. Not sent: it has failed, and whoever wrote it writes it anew: what it says may be out of date. $3 is not used.
update messages m
   set status = case when $4::text = 'sent' then 'sent' else 'failed' end,
       sent_at = case when $4::text = 'sent' then coalesce(m.sent_at, m.created_at) else m.sent_at end,
       error_code = case when $4::text <> 'sent' then 'not_sent' end,
       error = case when $4::text <> 'sent' then 'a person said that it did not go out' end
 where m.organization_id = $1 and m.id = $2 and m.status = 'unknown' and m.direct_contact_id is not null and $3::uuid is null
returning m.id, null::uuid as campaign_id, m.status

-- name: reopenCampaigns
-- A completed one has messages to send again: a person said so. So has a recurring one between two occurrences, which goes back to its last one and
-- keeps the next one for afterwards; where it is paused it stays so, and runs when it is resumed. $1 organization, $2 campaigns.
update bulk_campaigns c
   set status = case when c.status = 'paused' then 'paused' else 'running' end, completed_at = null, resumed_at = adsapp_now(),
       resume_as = case when c.status = 'paused' then 'running' end,
       scheduled_at = coalesce(l.last, c.scheduled_at), next_occurrence_at = case when l.last is not null then c.scheduled_at else c.next_occurrence_at end
  from bulk_campaigns b
 cross join lateral (select max(r.occurrence) as last from campaign_runs r
                      where r.campaign_id = b.id and r.organization_id = b.organization_id and b.scheduling ->> 'type' = 'recurring'
                        and (b.status = 'scheduled' or b.resume_as = 'scheduled')) l
 where c.organization_id = $1 and c.id = any ($2::uuid[]) and b.id = c.id and b.organization_id = c.organization_id
   and (c.status = 'completed' or (c.status in ('scheduled', 'paused') and l.last is not null))
returning c.status
