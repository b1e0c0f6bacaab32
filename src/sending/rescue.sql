-- name: rescueWindows
-- What a dead worker held may have been sent or not: `unknown`, never a guess.
with dead as materialized (
  delete from lane_windows w
   using senders s
   where s.id = w.sender_id and s.organization_id = w.organization_id
     and (s.lane_token is distinct from w.lane_token or s.lane_expires_at <= clock_timestamp())
     and ($1::uuid is null or w.organization_id = $1)
  returning w.organization_id, w.lane_token, w.job_ids
), held as materialized (
  select d.organization_id, d.lane_token, u.id from dead d cross join lateral unnest(d.job_ids) as u(id)
), locked as materialized (
  select j.id from bulk_message_jobs j where j.id in (select h.id from held h) order by j.id for no key update
), logs as ( -- a window holds jobs or logs; the ids of one kind are none of the other's
  update drip_message_logs j
     set status = 'unknown', unknown_since = coalesce(j.dispatched_at, adsapp_now()), lane_token = null,
         error_code = 'crash', error = 'the process ended before the answer was recorded'
    from held h
   where j.id = h.id and j.organization_id = h.organization_id and j.status = 'dispatching' and j.lane_token = h.lane_token
  returning j.id
), jobs as (
  update bulk_message_jobs j
     set status = 'unknown', unknown_since = coalesce(j.dispatched_at, adsapp_now()), lane_token = null,
         error_code = 'crash', error = 'the process ended before the answer was recorded'
    from held h join locked l on l.id = h.id
   where j.id = h.id and j.organization_id = h.organization_id and j.status = 'dispatching' and j.lane_token = h.lane_token
  returning j.id
)
select (select count(*) from jobs) + (select count(*) from logs) as rows

-- name: settleUnknown
-- Sends again only once silence means something: a message of this sender that was dispatched later has a status, and so have 95 % of the
-- messages around it. Held ones (policy, a day without proof, no attempt left) stay for a person.
-- The proof looks at the two hundred campaign messages before and after (agents' answers, which do not say when they were dispatched, would hide
-- them), by the index of sent_at, once for each sender and minute: what it
-- costs depends neither on how much was sent nor on how many are unknown. $1 organization or null.
with unknown_jobs as materialized ( -- by their own index: few, however many jobs and logs there are
  select j.* from bulk_message_jobs j where j.unknown_since is not null and ($1::uuid is null or j.organization_id = $1)
), unknown_logs as materialized (
  select j.* from drip_message_logs j where j.unknown_since is not null and ($1::uuid is null or j.organization_id = $1)
), open as materialized (
  select j.id, j.organization_id, j.campaign_id, r.sender_id, j.dispatched_at, false as is_log,
         make_interval(mins => coalesce((r.definition #>> '{settings,holdMinutes}')::int, 10)) as hold
    from unknown_jobs j
    join campaign_runs r on r.campaign_id = j.campaign_id and r.occurrence = j.occurrence and r.organization_id = j.organization_id
    join bulk_campaigns c on c.id = j.campaign_id and c.organization_id = j.organization_id
   where c.status = 'running'
     and not adsapp_is_held(r.definition #>> '{settings,onUnknown}', j.attempts, j.max_attempts, j.dispatched_at)
  union all
  select j.id, j.organization_id, j.campaign_id, coalesce(d.sender_id, s.id), j.dispatched_at, true,
         make_interval(mins => coalesce((d.settings ->> 'holdMinutes')::int, 10))
    from unknown_logs j
    join drip_campaigns d on d.id = j.campaign_id and d.organization_id = j.organization_id
    join drip_enrollments e on e.id = j.enrollment_id and e.organization_id = j.organization_id
    left join senders s on s.organization_id = j.organization_id and s.is_default
   where d.status = 'active' and e.status = 'active'
     and not adsapp_is_held(d.settings ->> 'onUnknown', j.attempts, j.max_attempts, j.dispatched_at)
), ripe as materialized (
  select o.*, date_trunc('minute', o.dispatched_at) as minute from open o where o.dispatched_at <= adsapp_now() - o.hold
), moments as materialized ( -- those of one minute stand and fall together: later means later than the last of them
  select r.sender_id, r.organization_id, r.minute, max(r.dispatched_at) as at, max(r.hold) as hold from ripe r group by 1, 2, 3
), proven as materialized (
  select p.sender_id, p.organization_id, p.minute
    from moments p
    cross join lateral (
      select count(*) as sent, count(n.webhook_at) as answered,
             bool_or(n.webhook_at is not null and coalesce(j.dispatched_at, l.dispatched_at) > p.at) as later
        from (select * from (
                select m.sent_at, m.webhook_at, m.attempt, m.organization_id, m.bulk_message_job_id, m.drip_message_log_id
                  from messages m -- a minute is what a status may take
                 where m.sender_id = p.sender_id and m.organization_id = p.organization_id and m.direction = 'outbound' and m.direct_contact_id is null
                   and m.sent_at > p.at and m.sent_at <= adsapp_now() - interval '1 minute'
                 order by m.sent_at limit 200) following
              union all
              select * from (
                select m.sent_at, m.webhook_at, m.attempt, m.organization_id, m.bulk_message_job_id, m.drip_message_log_id
                  from messages m
                 where m.sender_id = p.sender_id and m.organization_id = p.organization_id and m.direction = 'outbound' and m.direct_contact_id is null
                   and m.sent_at <= p.at and m.sent_at >= p.minute - p.hold
                 order by m.sent_at desc limit 200) preceding) n
        left join bulk_message_jobs j on j.id = n.bulk_message_job_id and j.organization_id = n.organization_id and j.attempts = n.attempt
        left join drip_message_logs l on l.id = n.drip_message_log_id and l.organization_id = n.organization_id and l.attempts = n.attempt) s
   where s.later and s.answered >= 0.95 * s.sent
), again as materialized (
  select r.id, r.campaign_id, r.is_log from ripe r join proven p on p.sender_id = r.sender_id and p.organization_id = r.organization_id and p.minute = r.minute
), campaigns as materialized ( -- so that none is completed meanwhile
  select c.id from bulk_campaigns c where c.id in (select a.campaign_id from again a where not a.is_log) and c.status = 'running'
   order by c.id for no key update
), people as materialized ( -- enrollments before their logs, as everybody does
  select e.id from drip_enrollments e where e.id in (select l.enrollment_id from drip_message_logs l where l.id in (select a.id from again a where a.is_log))
   order by e.id for no key update
), locked as materialized (
  select j.id from bulk_message_jobs j join campaigns c on c.id = j.campaign_id where j.id in (select a.id from again a where not a.is_log)
   order by j.id for no key update of j
), jobs as (
  update bulk_message_jobs j
     set status = 'pending', unknown_since = null, next_attempt_at = adsapp_now(),
         error = 'no status came although others of that time have one: sent again'
    from locked l where j.id = l.id and j.status = 'unknown'
  returning j.id
), logs as (
  update drip_message_logs j
     set status = 'pending', unknown_since = null, next_attempt_at = adsapp_now(),
         error = 'no status came although others of that time have one: sent again'
    from again a
   where a.is_log and j.id = a.id and j.status = 'unknown' and j.enrollment_id in (select p.id from people p)
  returning j.id
)
select (select count(*) from jobs) + (select count(*) from logs) as rows

-- name: planHeldDrips
-- A step whose outcome only a person settles does not keep its drip waiting: the next one counts from the dispatch.
with unknown_logs as materialized (
  select j.* from drip_message_logs j where j.unknown_since is not null and ($1::uuid is null or j.organization_id = $1)
)
select coalesce(plan_drip_steps(array_agg(distinct j.enrollment_id)), 0) as rows
  from unknown_logs j
  join drip_campaigns d on d.id = j.campaign_id and d.organization_id = j.organization_id
  join drip_enrollments e on e.id = j.enrollment_id and e.organization_id = j.organization_id
 where d.status = 'active' and e.status = 'active' and e.current_step_order = j.step_order
   and adsapp_is_held(d.settings ->> 'onUnknown', j.attempts, j.max_attempts, j.dispatched_at)

-- name: lockRunning
-- First: what comes in between (a late failure that is to be tried again) waits, or is seen by the next statement. An occurrence that begins, and
-- has no run yet, is not done by the runs of those before. $1 organization or null.
select c.id from bulk_campaigns c
 where c.status = 'running' and ($1::uuid is null or c.organization_id = $1)
   and exists (select from campaign_runs r where r.campaign_id = c.id and r.organization_id = c.organization_id
                  and (c.scheduling ->> 'type' is distinct from 'recurring' or r.occurrence = c.scheduled_at))
   and not exists (select from campaign_runs r where r.campaign_id = c.id and r.organization_id = c.organization_id
                      and (r.expanded_at is null or r.next_seq < r.expanded_seq))
   and not exists (select from bulk_message_jobs j where j.campaign_id = c.id and j.next_attempt_at is not null)
 order by c.id for no key update

-- name: completeCampaigns
-- $1 campaigns. Expansion done and no row open. Unknown rows count as open only while they may still be settled by the machine.
update bulk_campaigns c
   set status = 'completed', completed_at = adsapp_now()
 where c.id = any ($1::uuid[]) and c.status = 'running'
   and not exists (select from campaign_runs r where r.campaign_id = c.id and r.organization_id = c.organization_id
                      and (r.expanded_at is null or r.next_seq < r.expanded_seq))
   and not exists (select from bulk_message_jobs j where j.campaign_id = c.id and j.next_attempt_at is not null)
   and not exists (select from lane_windows w cross join lateral unnest(w.job_ids) as u(id)
                     join bulk_message_jobs j on j.id = u.id and j.campaign_id = c.id and j.status = 'dispatching'
                    where w.sender_id = c.sender_id and w.organization_id = c.organization_id)
   and not exists (select from bulk_message_jobs j
                     join campaign_runs r on r.campaign_id = j.campaign_id and r.occurrence = j.occurrence and r.organization_id = j.organization_id
                    where j.campaign_id = c.id and j.unknown_since is not null
                      and not adsapp_is_held(r.definition #>> '{settings,onUnknown}', j.attempts, j.max_attempts, j.dispatched_at))
