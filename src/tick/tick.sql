-- name: startTick
-- What every tick asks first: is there anything to do? Its heartbeat comes with the question, and where the answer is no, with its
-- end. Few tables, since a new session has to learn about each. $1 organization or null, $2 host, $3 pid.
with work as materialized (
  select exists (select from webhook_inbox i where i.processed_at is null and i.error is null) as inbox,
         coalesce(c.wake, false) as wake, coalesce(c.running, false) as running, coalesce(c.cancelled, false) as cancelled,
         exists (select from drip_campaigns d where d.status = 'active' and ($1::uuid is null or d.organization_id = $1)) as drips,
         exists (select from contact_events e where e.processed_at is null and ($1::uuid is null or e.organization_id = $1)) as events,
         exists (select from lane_windows w where $1::uuid is null or w.organization_id = $1) as windows,
         exists (select from agent_days_due a where $1::uuid is null or a.organization_id = $1) as agent_days,
         exists (select from direct_queue q where (q.next_attempt_at is null or q.next_attempt_at <= adsapp_now()) and ($1::uuid is null or q.organization_id = $1)) as direct
    from (select bool_or(b.status = 'scheduled' and b.scheduled_at <= adsapp_now()) as wake, bool_or(b.status = 'running') as running,
                 bool_or(b.status = 'cancelled' and b.cancelled_at > adsapp_now() - interval '1 day') as cancelled
            from bulk_campaigns b where $1::uuid is null or b.organization_id = $1) c
), run as (
  insert into tick_runs (host, pid, finished_at)
  select $2, $3, case when not (inbox or wake or running or cancelled or drips or events or windows or agent_days or direct) then adsapp_now() end from work
  returning id, started_at
)
select run.id as tick_id, run.started_at as now, work.* from work, run

-- name: dueMore
-- Asked where there are active drips or campaigns that were cancelled of late. $1 organization or null.
select exists (select from drip_campaigns d
                cross join lateral (select from drip_message_logs j where j.campaign_id = d.id and j.next_attempt_at <= adsapp_now() limit 1) j
                where d.status = 'active' and ($1::uuid is null or d.organization_id = $1)) as drips,
       (select min(j.unknown_since) from drip_message_logs j where $1::uuid is null or j.organization_id = $1) is not null as unknown_drips, -- by its index
       exists (select from bulk_campaigns c join campaign_runs r on r.campaign_id = c.id and r.organization_id = c.organization_id
                where c.status = 'cancelled' and c.cancelled_at > adsapp_now() - interval '1 day' and ($1::uuid is null or c.organization_id = $1)
                  and (r.next_seq < r.expanded_seq or exists (select from bulk_message_jobs j where j.campaign_id = c.id and j.next_attempt_at is not null))) as cancelled

-- name: dueCount
-- Messages whose time has come and that no worker holds. $1 organization or null.
select coalesce(sum(n), 0)::int as due
  from (select count(*) as n from direct_queue q where q.next_attempt_at <= adsapp_now() and ($1::uuid is null or q.organization_id = $1)
        union all
        select count(*)
          from campaign_runs r
          join bulk_campaigns c on c.id = r.campaign_id and c.organization_id = r.organization_id and c.status = 'running'
          join bulk_message_jobs j on j.campaign_id = r.campaign_id and j.occurrence = r.occurrence
                                  and j.seq > r.next_seq and j.seq <= r.expanded_seq
         where r.next_seq < r.expanded_seq and j.status = 'pending' and j.next_attempt_at is null
           and ($1::uuid is null or r.organization_id = $1)
        union all
        select count(*)
          from bulk_message_jobs j
          join bulk_campaigns c on c.id = j.campaign_id and c.organization_id = j.organization_id and c.status = 'running'
         where j.next_attempt_at <= adsapp_now() and ($1::uuid is null or j.organization_id = $1)
        union all
        select count(*)
          from drip_campaigns d join drip_message_logs j on j.campaign_id = d.id and j.organization_id = d.organization_id
         where d.status = 'active' and j.next_attempt_at <= adsapp_now() and ($1::uuid is null or d.organization_id = $1)) x

-- name: finishTick
update tick_runs set finished_at = adsapp_now(), counts = $2, error = $3 where id = $1
