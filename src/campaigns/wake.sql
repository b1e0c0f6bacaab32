-- name: wakeCampaigns
-- Scheduled campaigns that are due start; one that is later than its maxLateness pauses instead of blasting out, and so does one whose template
-- Meta does not send.
with due as materialized (
  select c.id, c.organization_id, adsapp_template_fault(c) as fault,
         c.scheduled_at < adsapp_now() - coalesce(c.settings ->> 'maxLateness', '12h')::interval as too_late
    from bulk_campaigns c
   where c.status = 'scheduled' and c.scheduled_at <= adsapp_now() and ($1::uuid is null or c.organization_id = $1)
     and c.scheduling ->> 'type' is distinct from 'recurring'
   order by c.id for no key update skip locked
)
update bulk_campaigns c
   set status = case when p.reason is not null then 'paused' else 'running' end,
       started_at = case when p.reason is not null then c.started_at else adsapp_now() end,
       paused_at = case when p.reason is not null then adsapp_now() end,
       pause_reason = p.reason,
       resume_as = case when p.reason is not null then 'running' end
  from due d
  join bulk_campaigns b on b.id = d.id and b.organization_id = d.organization_id
 cross join lateral (
   select coalesce(d.fault, case when d.too_late then 'later than maxLateness: it was due at ' || to_char(b.scheduled_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') end) as reason) p
 where c.id = d.id and c.organization_id = d.organization_id
returning c.id, c.status

-- name: dueRecurring
-- $1 organization or null.
select c.id, c.organization_id, c.scheduled_at, adsapp_now() as now, c.scheduling ->> 'cron' as cron, z.timezone, z.is_local,
       adsapp_local_instant(c.scheduling ->> 'endsAt', z.timezone) as ends_at
  from bulk_campaigns c join organizations o on o.id = c.organization_id
 cross join lateral (select l.is_local, case when l.is_local then adsapp_first_zone(c.organization_id) else coalesce(c.scheduling ->> 'timezone', o.timezone) end as timezone
                       from (select coalesce(c.scheduling ->> 'timezone', '') = 'contact' as is_local) l) z
 where c.status = 'scheduled' and c.scheduled_at <= adsapp_now() and ($1::uuid is null or c.organization_id = $1)
   and c.scheduling ->> 'type' = 'recurring'
 order by c.id for no key update of c skip locked

-- name: pauseLate
-- A running campaign that could have sent for longer than its maxLateness and did not (no ticks, a halted lane) pauses, instead of sending
-- what is no longer meant. It is not late while it was looked at by a claim, whatever its limits then let through, nor while its hourly
-- quota, its own times or its canary hold it up, nor while its organization is paused. $1 organization or null.
with late as (
  LATE
)
update bulk_campaigns c
   set status = 'paused', paused_at = adsapp_now(), resume_as = 'running',
       pause_reason = 'later than maxLateness: it could not send since ' || to_char(l.free_since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
  from late l
 where c.id = l.id and c.organization_id = l.organization_id and c.status = 'running'

-- name: judgeCanaries
-- Whose canary went out long enough ago: the rest goes when few enough failed, else the campaign pauses. Unknown outcomes went no better; what is
-- tried again yet is waited for, unless it makes no difference. After either, a person's word counts. $1 organization or null.
with CANARIES, over as (
  update campaign_runs r set canary = null
    from judged g
   where g.verdict is not null and r.campaign_id = g.campaign_id and r.occurrence = g.occurrence and r.organization_id = g.organization_id
)
update bulk_campaigns c
   set status = 'paused', paused_at = adsapp_now(), resume_as = 'running',
       pause_reason = format('its canary went badly: %s of %s messages failed (at most %s %%); most often: %s', g.bad, g.people, round(100 * g.rate, 1)::float8, g.error)
  from judged g
 where g.verdict = 'bad' and c.id = g.campaign_id and c.organization_id = g.organization_id

-- name: lockExpired
-- Runs whose sendBefore has gone by and that have somebody left: no claim and no chunk of an expansion comes in between. $1 organization or null.
select r.campaign_id
  from campaign_runs r join bulk_campaigns c on c.id = r.campaign_id and c.organization_id = r.organization_id
 where c.status = 'running' and ($1::uuid is null or c.organization_id = $1) and (r.definition ->> 'sendBefore')::timestamptz <= adsapp_now()
   and (r.next_seq < r.expanded_seq or exists (select from bulk_message_jobs j where j.campaign_id = c.id and j.next_attempt_at is not null))
 order by r.campaign_id, r.occurrence for no key update of r

-- name: expireJobs
-- $1 campaigns.
update bulk_message_jobs set status = 'skipped', skip_reason = 'expired', next_attempt_at = null
 where campaign_id = any ($1::uuid[]) and status = 'pending'

-- name: closeExpired
update campaign_runs set next_seq = expanded_seq, canary = null where campaign_id = any ($1::uuid[]) and next_seq < expanded_seq

-- name: late
-- $1 organization or null.
select c.id, c.organization_id, f.free_since
  from bulk_campaigns c
  join organizations o on o.id = c.organization_id and o.paused_at is null
  left join campaign_runs r on r.campaign_id = c.id and r.organization_id = c.organization_id
  cross join lateral (
    select greatest(c.running_since, r.looked_at,
                    case when r.next_seq >= r.expanded_seq and r.expanded_at is not null
                         then (select min(j.next_attempt_at) from bulk_message_jobs j where j.campaign_id = c.id and j.next_attempt_at is not null) end,
                    r.tat - (greatest(1, ceil(r.per_hour / 30.0)) - 1) * make_interval(secs => 3660.0 / (r.per_hour - greatest(1, ceil(r.per_hour / 30.0)) + 1))) as free_since) f
 where c.status = 'running' and ($1::uuid is null or c.organization_id = $1)
   and r.canary is null
   and (r.next_seq < r.expanded_seq or r.expanded_at is null -- or there is no run yet
        or exists (select from bulk_message_jobs j where j.campaign_id = c.id and j.next_attempt_at <= adsapp_now()))
   and f.free_since < adsapp_now() - coalesce(c.settings ->> 'maxLateness', '12h')::interval

-- name: canaries
-- $1 organization or null.
due as materialized (
  select r.campaign_id, r.occurrence, r.organization_id, r.canary, r.canary_claimed, r.next_seq,
         coalesce((c.settings #>> '{canary,maxFailureRate}')::numeric, 0.1) as rate
    from campaign_runs r join bulk_campaigns c on c.id = r.campaign_id and c.organization_id = r.organization_id
   where r.canary is not null and r.canary_claimed >= r.canary and c.status = 'running' and ($1::uuid is null or r.organization_id = $1)
     and (r.next_seq < r.expanded_seq or exists (select from bulk_message_jobs j where j.campaign_id = r.campaign_id and j.next_attempt_at is not null))
     and r.canary_at <= adsapp_now() - coalesce(c.settings #>> '{canary,wait}', '10m')::interval
     for no key update of r skip locked
), gone as (
  select d.*, n.*
    from due d
    cross join lateral (
      select count(*) as people, count(*) filter (where j.status in ('failed', 'unknown')) as bad,
             count(*) filter (where j.status in ('pending', 'dispatching')) as open,
             mode() within group (order by j.error) filter (where j.status in ('failed', 'unknown')) as error
        from bulk_message_jobs j
       where j.campaign_id = d.campaign_id and j.occurrence = d.occurrence and j.organization_id = d.organization_id and j.dispatched_at is not null) n
), judged as (
  select g.*, case when g.bad > g.rate * g.people then 'bad' when g.bad + g.open <= g.rate * g.people then 'good' end as verdict from gone g
)
