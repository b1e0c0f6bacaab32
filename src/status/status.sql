-- name: openCampaigns
-- Campaigns that are not finished, and finished ones with unknown outcomes; with what each waits for. Only what is still
-- to come is counted row by row: ahead of the claim's cursor, and by the small indexes of waiting and unknown rows.
-- $1 organization.
with waiting as (
  select j.campaign_id, count(*) as pending, min(j.next_attempt_at) as next_at
    from bulk_message_jobs j join bulk_campaigns c on c.id = j.campaign_id and c.organization_id = j.organization_id
   where j.organization_id = $1 and j.next_attempt_at is not null and c.status in ('running', 'paused')
   group by j.campaign_id
), unclaimed as ( -- LATERAL: by the index of seq, whatever is finished
  select r.campaign_id, sum(n.pending) as pending
    from campaign_runs r
    join bulk_campaigns c on c.id = r.campaign_id and c.organization_id = r.organization_id and c.status in ('running', 'paused')
    cross join lateral (
      select nullif(count(*), 0) as pending from bulk_message_jobs j
       where j.campaign_id = r.campaign_id and j.occurrence = r.occurrence and j.organization_id = r.organization_id
         and j.seq > r.next_seq and j.seq <= r.expanded_seq and j.status = 'pending' and j.next_attempt_at is null) n
   where r.organization_id = $1 and r.next_seq < r.expanded_seq
   group by r.campaign_id
), unknown as (
  select j.campaign_id, count(*) as unknown,
         count(*) filter (where c.status in ('completed', 'cancelled')
                             or adsapp_is_held(r.definition #>> '{settings,onUnknown}', j.attempts, j.max_attempts, j.dispatched_at)) as held
    from bulk_message_jobs j
    join bulk_campaigns c on c.id = j.campaign_id and c.organization_id = j.organization_id
    join campaign_runs r on r.campaign_id = j.campaign_id and r.occurrence = j.occurrence and r.organization_id = j.organization_id
   where j.organization_id = $1 and j.unknown_since is not null
   group by j.campaign_id
), full_portfolios as ( -- no room for anybody new: until the first of those who were reached was so a day ago
  select p.id, p.name, p.messaging_limit, p.reached - x.gone as reached, x.room_at
    from portfolios p
    cross join lateral (select count(*) filter (where r.at <= adsapp_now() - interval '24 hours')::int as gone,
                               min(r.at) filter (where r.at > adsapp_now() - interval '24 hours') + interval '24 hours' as room_at
                          from portfolio_reach r where r.portfolio_id = p.id and r.organization_id = p.organization_id) x
   where p.organization_id = $1 and p.reached - x.gone >= p.messaging_limit
), runs as (
  select r.campaign_id, bool_and(r.expanded_at is not null) as expanded, bool_or(r.canary_claimed >= r.canary) as awaits_canary,
         max(r.canary_at) filter (where r.canary_claimed >= r.canary) as canary_at, -- full: messagesPerHour allows no attempt before
         max(r.tat - (greatest(1, ceil(r.per_hour / 30.0)) - 1) * make_interval(secs => 3660.0 / (r.per_hour - greatest(1, ceil(r.per_hour / 30.0)) + 1))) as full_until
    from campaign_runs r where r.organization_id = $1
   group by r.campaign_id
)
select c.id, c.name, c.status, s.name as sender, c.scheduled_at, c.started_at, c.paused_at, c.pause_reason,
       case when c.status = 'paused' then exists (select from audit_log l where l.organization_id = c.organization_id and l.at = c.paused_at and l.subject_type = 'bulk_campaigns' and l.subject_id = c.id
                                                     and l.actor is null and l.details #>> '{status,1}' = 'paused') end as paused_by_machine,
       c.total_targets as targets, c.messages_sent as sent, c.messages_failed as failed, c.messages_skipped as skipped,
       (coalesce(w.pending, 0) + coalesce(f.pending, 0))::int as pending, coalesce(u.unknown, 0)::int as unknown, coalesce(u.held, 0)::int as held,
       case when c.status = 'paused' then 'resume'
            when c.status = 'scheduled' and c.scheduled_at > adsapp_now() then 'start_time'
            when c.status not in ('scheduled', 'running') then null
            when o.paused_at is not null then 'organization_paused'
            when s.state = 'halted' then 'sender_halted'
            when s.state = 'slowed' and s.rests_until > adsapp_now() and (f.pending > 0 or w.next_at <= s.rests_until) then 'sender_rests'
            when c.status = 'scheduled' then 'tick'
            when r.expanded is not true then 'expansion'
            when r.awaits_canary and f.pending > 0 then 'canary'
            when r.full_until > adsapp_now() and (f.pending > 0 or w.next_at <= adsapp_now()) then 'hourly_limit'
            when m.id is not null and s.limited_until is not null and (f.pending > 0 or w.next_at <= adsapp_now()) then 'messaging_limit'
            when f.pending is null and w.next_at > adsapp_now() then 'next_attempt'
            when f.pending is null and w.next_at is null and u.unknown > u.held then 'evidence'
            when s.lane_expires_at > clock_timestamp() then 'sending'
            else 'tick' end as waits_for,
       case when c.status = 'scheduled' then c.scheduled_at
            when c.status = 'running' and s.state = 'slowed' and s.rests_until > adsapp_now() and (f.pending > 0 or w.next_at <= s.rests_until) then s.rests_until
            when c.status = 'running' and r.awaits_canary and f.pending > 0 then r.canary_at + coalesce(c.settings #>> '{canary,wait}', '10m')::interval
            when c.status = 'running' and r.full_until > adsapp_now() and (f.pending > 0 or w.next_at <= adsapp_now()) then r.full_until
            when c.status = 'running' and m.id is not null and s.limited_until is not null and (f.pending > 0 or w.next_at <= adsapp_now()) then m.room_at
            when c.status = 'running' and f.pending is null then w.next_at end as waits_until
  from bulk_campaigns c
  join organizations o on o.id = c.organization_id
  left join senders s on s.id = c.sender_id and s.organization_id = c.organization_id
  left join runs r on r.campaign_id = c.id
  left join full_portfolios m on m.id = s.portfolio_id and s.provider = 'whatsapp-cloud'
  left join waiting w on w.campaign_id = c.id
  left join unclaimed f on f.campaign_id = c.id
  left join unknown u on u.campaign_id = c.id
 where c.organization_id = $1 and (c.status in ('scheduled', 'running', 'paused') or u.unknown > 0)
 order by array_position(array['running', 'paused', 'scheduled', 'completed', 'cancelled'], c.status), c.created_at, c.name

-- name: openDrips
-- Drips that run or are paused, and archived ones with unknown outcomes; with what each waits for. Only open messages are read, by
-- their small indexes. $1 organization.
with unknown as (
  select l.campaign_id, count(*)::int as unknown,
         count(*) filter (where d.status = 'archived' or adsapp_is_held(d.settings ->> 'onUnknown', l.attempts, l.max_attempts, l.dispatched_at))::int as held
    from drip_message_logs l join drip_campaigns d on d.id = l.campaign_id and d.organization_id = l.organization_id
   where l.organization_id = $1 and l.unknown_since is not null
   group by l.campaign_id
)
select c.id, c.name, c.status, s.name as sender, c.paused_at, c.pause_reason,
       case when c.status = 'paused' then exists (select from audit_log l where l.organization_id = c.organization_id and l.at = c.paused_at and l.subject_type = 'drip_campaigns' and l.subject_id = c.id
                                                     and l.actor is null and l.details #>> '{status,1}' = 'paused') end as paused_by_machine,
       c.enrollments_active as people, w.due, coalesce(u.unknown, 0) as unknown, coalesce(u.held, 0) as held,
       case when c.status = 'archived' then null
            when c.status = 'paused' then 'resume'
            when o.paused_at is not null then 'organization_paused'
            when s.state = 'halted' then 'sender_halted'
            when s.state = 'slowed' and s.rests_until > adsapp_now() and w.next_at <= s.rests_until then 'sender_rests'
            when w.due > 0 and s.lane_expires_at > clock_timestamp() then 'sending'
            when w.due > 0 then 'tick'
            when w.next_at is not null then 'next_step'
            when u.unknown > u.held then 'evidence'
            else 'people' end as waits_for,
       case when c.status <> 'active' then null
            when s.state = 'slowed' and s.rests_until > adsapp_now() and w.next_at <= s.rests_until then s.rests_until
            when w.due = 0 then w.next_at end as waits_until
  from drip_campaigns c
  join organizations o on o.id = c.organization_id
  left join senders s on s.organization_id = c.organization_id and (s.id = c.sender_id or (c.sender_id is null and s.is_default))
  left join unknown u on u.campaign_id = c.id
  cross join lateral (
    select (select count(*)::int from drip_message_logs l where l.campaign_id = c.id and l.organization_id = c.organization_id and l.next_attempt_at <= adsapp_now()) as due,
           (select min(l.next_attempt_at) from drip_message_logs l where l.campaign_id = c.id and l.organization_id = c.organization_id and l.next_attempt_at is not null) as next_at) w
 where c.organization_id = $1 and (c.status in ('active', 'paused') or u.unknown > 0)
 order by array_position(array['active', 'paused', 'archived'], c.status), c.name

-- name: lanes
-- $1 organization.
select s.name, s.provider, s.quality, case when s.state = 'slowed' and s.full_rate_at <= adsapp_now() then 'active' else s.state end as state, s.halt_reason, s.halted_at, s.lane_holder as holder, s.lane_expires_at as expires_at,
       coalesce(s.lane_expires_at > clock_timestamp(), false) as working,
       (select count(*)::int from direct_queue q where q.sender_id = s.id and q.organization_id = s.organization_id) as direct_waiting
  from senders s where s.organization_id = $1 order by s.name

-- name: notices
-- What Meta told of the account, its numbers and templates within 30 days, the newest first. $1 organization.
select n.occurred_at, n.field, n.event, n.message, n.halts, s.name as sender, n.waba_id
  from account_notices n left join senders s on s.id = n.sender_id and s.organization_id = n.organization_id
 where n.organization_id = $1 and n.occurred_at > adsapp_now() - interval '30 days'
 order by n.occurred_at desc, n.id limit 20

-- name: portfolios
-- Those with a messaging limit: how many people they reached in the last 24 hours, and when there is room again. $1 organization.
select p.name, p.messaging_limit as limit, coalesce(p.reached, 0) - x.gone as reached,
       case when p.reached - x.gone >= p.messaging_limit then x.room_at end as room_at
  from portfolios p
  cross join lateral (select count(*) filter (where r.at <= adsapp_now() - interval '24 hours')::int as gone,
                             min(r.at) filter (where r.at > adsapp_now() - interval '24 hours') + interval '24 hours' as room_at
                        from portfolio_reach r where r.portfolio_id = p.id and r.organization_id = p.organization_id) x
 where p.organization_id = $1 and p.messaging_limit is not null
 order by p.name

-- name: machinery
-- The inbox and the heartbeat, which belong to no tenant: counts only. A minute is missed when no tick began in it; the
-- 60 whole minutes before this one, or as many as there have been since the first tick. As worker. $1 organization.
with inbox as (
  select count(*) filter (where i.error is null)::int as waiting, min(i.received_at) filter (where i.error is null) as oldest_at,
         count(*) filter (where i.error is not null and (i.organization_id = $1 or i.organization_id is null))::int as failed,
         min(i.error) filter (where i.organization_id = $1 or i.organization_id is null) as failure
    from webhook_inbox i where i.processed_at is null
), hour as (
  select date_trunc('minute', adsapp_now()) as ends, greatest(date_trunc('minute', adsapp_now()) - interval '60 minutes', date_trunc('minute', min(t.started_at))) as begins
    from tick_runs t
), ticked as (
  select count(distinct date_trunc('minute', t.started_at)) as minutes from tick_runs t cross join hour h where t.started_at >= h.begins and t.started_at < h.ends
)
select i.waiting, i.oldest_at, i.failed, i.failure, o.paused_at as organization_paused_at, adsapp_now() as now,
       l.started_at, l.finished_at, l.host, l.error,
       case when l.started_at is not null then greatest(0, (extract(epoch from h.ends - h.begins) / 60)::int - t.minutes)::int end as missed_minutes,
       coalesce(l.started_at < adsapp_now() - interval '5 minutes', true) as silent,
       i.waiting > 0 or exists (select from bulk_campaigns c where c.organization_id = $1 and o.paused_at is null
                                   and (c.status = 'running' or (c.status = 'scheduled' and c.scheduled_at <= adsapp_now())))
         or (o.paused_at is null and exists (select from direct_queue q where q.organization_id = $1 and q.next_attempt_at <= adsapp_now()))
         or (o.paused_at is null and exists (select from drip_campaigns d cross join lateral (select from drip_message_logs l where l.campaign_id = d.id and l.next_attempt_at <= adsapp_now() limit 1) l
                                               where d.organization_id = $1 and d.status = 'active'))
         or exists (select from contact_events e where e.organization_id = $1 and e.processed_at is null) as due
  from organizations o cross join inbox i cross join hour h cross join ticked t
  left join (select * from tick_runs order by started_at desc limit 1) l on true
 where o.id = $1
