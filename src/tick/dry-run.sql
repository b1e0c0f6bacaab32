-- name: queues
-- What else a tick would begin with. $1 organization or null. The inbox belongs to no tenant until it is applied.
select adsapp_now() as at,
       (select count(*)::int from webhook_inbox i where i.processed_at is null and i.error is null) as inbox,
       (select count(*)::int from contact_events e where e.processed_at is null and ($1::uuid is null or e.organization_id = $1)) as events,
       (select count(*)::int from bulk_message_jobs j where j.unknown_since is not null and ($1::uuid is null or j.organization_id = $1))
         + (select count(*)::int from drip_message_logs l where l.unknown_since is not null and ($1::uuid is null or l.organization_id = $1)) as unknown

-- name: lanes
-- Every sender, and why no tick takes its lane now (null: one may). $1 organization or null.
select s.id, s.name, s.provider, s.throughput_per_second, o.slug as organization,
       case when o.paused_at is not null then 'organization_paused'
            when s.state = 'halted' then 'sender_halted'
            when s.state = 'slowed' and s.rests_until > adsapp_now() then 'sender_rests'
            when s.lane_expires_at > clock_timestamp() then 'another_worker'
            when s.limited_until > adsapp_now() then 'messaging_limit' end as closed_by,
       case when o.paused_at is null and s.state = 'slowed' and s.rests_until > adsapp_now() then s.rests_until
            when o.paused_at is null and s.state <> 'halted' then s.limited_until end as until,
       (select count(*)::int from direct_queue q where q.sender_id = s.id and q.organization_id = s.organization_id and q.next_attempt_at <= adsapp_now()) as direct_due
  from senders s join organizations o on o.id = s.organization_id
 where $1::uuid is null or s.organization_id = $1
 order by o.slug, s.name

-- name: campaigns
-- What has messages that are due or to come, or an audience to write out. $1 organization or null.
with late as materialized (
  LATE
), broadcasts as (
  select c.id, c.organization_id, c.name, 'campaign' as kind, c.status, c.sender_id, r.occurrence,
         c.status = 'scheduled' as starts, c.status in ('running', 'scheduled') and (r.campaign_id is null or r.expanded_at is null) as is_to_be_written,
         coalesce(r.definition -> 'audience', c.target_audience) as audience, coalesce(r.expanded_seq, 0) as written,
         c.status = 'scheduled' and c.scheduling ->> 'type' is distinct from 'recurring' and c.scheduled_at < adsapp_now() - coalesce(c.settings ->> 'maxLateness', '12h')::interval
           or exists (select from late l where l.id = c.id) as is_late,
         c.status = 'running' and coalesce((r.definition ->> 'sendBefore')::timestamptz <= adsapp_now(), false) as is_expired,
         coalesce(r.canary_claimed >= r.canary, false) as awaits_canary, r.per_hour is not null as is_hourly,
         (select count(*)::int from bulk_message_jobs j
           where j.campaign_id = r.campaign_id and j.occurrence = r.occurrence and j.seq > r.next_seq and j.seq <= r.expanded_seq
             and j.status = 'pending' and j.next_attempt_at is null) as fresh
    from bulk_campaigns c
    left join campaign_runs r on r.campaign_id = c.id and r.organization_id = c.organization_id
                             and not (c.status = 'scheduled' and c.scheduling ->> 'type' = 'recurring')
   where ($1::uuid is null or c.organization_id = $1)
     and (c.status in ('running', 'paused') or c.status = 'scheduled' and c.scheduled_at <= adsapp_now())
), drips as (
  select d.id, d.organization_id, d.name, 'drip' as kind, d.status, coalesce(d.sender_id, s.id) as sender_id, null::timestamptz, false, false, null::jsonb, 0, false, false, false, false, 0
    from drip_campaigns d left join senders s on s.organization_id = d.organization_id and s.is_default
   where ($1::uuid is null or d.organization_id = $1) and d.status in ('active', 'paused')
)
select b.id, b.organization_id, o.slug as organization, b.name, b.kind, b.status, b.sender_id, b.starts, b.is_to_be_written, b.audience, b.written, b.is_late, b.is_expired, b.awaits_canary, b.is_hourly,
       b.fresh + w.due as due, w.coming, w.next_at
  from (select * from broadcasts union all select * from drips) b
  join organizations o on o.id = b.organization_id
 cross join lateral (
   select count(*) filter (where x.at <= adsapp_now())::int as due, count(*) filter (where x.at > adsapp_now())::int as coming, min(x.at) filter (where x.at > adsapp_now()) as next_at
     from (select j.next_attempt_at as at from bulk_message_jobs j
            where b.kind = 'campaign' and j.campaign_id = b.id and j.occurrence = b.occurrence and j.next_attempt_at is not null
           union all
           select l.next_attempt_at from drip_message_logs l where b.kind = 'drip' and l.campaign_id = b.id and l.next_attempt_at is not null) x) w
 where b.is_to_be_written or b.starts or b.fresh + w.due + w.coming > 0
 order by o.slug, b.kind, b.name
