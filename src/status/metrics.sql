What a monitor is told. Of every organization; as worker. $1: one organization, or null for all. One query a metric family or two: labels
and values; none of them reads a finished message.

-- name: campaigns
select o.slug as organization, c.type, c.status, count(*)::int as campaigns
  from bulk_campaigns c join organizations o on o.id = c.organization_id
 where $1::uuid is null or o.id = $1 group by 1, 2, 3 order by 1, 2, 3

-- name: messages
-- The counters of all campaigns; they never fall, unless a campaign is deleted.
select o.slug as organization, x.kind, sum(x.sent)::bigint as sent, sum(x.delivered)::bigint as delivered, sum(x.read)::bigint as read, sum(x.failed)::bigint as failed,
       sum(x.skipped)::bigint as skipped, sum(x.replies)::bigint as replies, sum(x.opt_outs)::bigint as opt_outs
  from (select c.organization_id, 'bulk' as kind, c.messages_sent as sent, c.messages_delivered as delivered, c.messages_read as read, c.messages_failed as failed,
               c.messages_skipped as skipped, c.replies_received as replies, c.opt_outs from bulk_campaigns c
        union all
        select d.organization_id, 'drip', d.messages_sent, d.messages_delivered, d.messages_read, d.messages_failed, d.messages_skipped, d.replies_received, d.opt_outs
          from drip_campaigns d) x
  join organizations o on o.id = x.organization_id
 where $1::uuid is null or o.id = $1 group by 1, 2 order by 1, 2

-- name: senders
-- A lane that works holds its lease; a direct message waits from the moment at which it was due.
select o.slug as organization, s.name as sender, case when s.state = 'slowed' and s.full_rate_at <= adsapp_now() then 'active' else s.state end as state,
       coalesce(s.lane_expires_at > clock_timestamp(), false)::int as working, adsapp_rate_factor(s) as rate_factor, q.waiting, q.oldest_seconds
  from senders s join organizations o on o.id = s.organization_id
  cross join lateral (select count(*)::int as waiting, coalesce(extract(epoch from adsapp_now() - min(d.next_attempt_at) filter (where d.next_attempt_at <= adsapp_now())), 0)::float8 as oldest_seconds
                        from direct_queue d where d.sender_id = s.id and d.organization_id = s.organization_id) q
 where $1::uuid is null or o.id = $1 order by 1, 2

-- name: unknown
select o.slug as organization, x.kind, sum(x.n)::int as unknown
  from (select j.organization_id, 'bulk' as kind, 1 as n from bulk_message_jobs j where j.unknown_since is not null
        union all select l.organization_id, 'drip', 1 from drip_message_logs l where l.unknown_since is not null
        union all select g.id, k.kind, 0 from organizations g cross join (values ('bulk'), ('drip')) k(kind)) x
  join organizations o on o.id = x.organization_id
 where $1::uuid is null or o.id = $1 group by 1, 2 order by 1, 2

-- name: machinery
-- The inbox and the heartbeat belong to no organization.
select w.waiting, w.failed, w.oldest_seconds, t.hour, t.failed as failed_ticks, t.last_seconds
  from (select count(*) filter (where i.error is null)::int as waiting, count(*) filter (where i.error is not null)::int as failed,
               coalesce(extract(epoch from adsapp_now() - min(i.received_at) filter (where i.error is null)), 0)::float8 as oldest_seconds
          from webhook_inbox i where i.processed_at is null) w
 cross join (select count(*)::int as hour, count(r.error)::int as failed,
                    extract(epoch from adsapp_now() - (select max(l.started_at) from tick_runs l))::float8 as last_seconds
               from tick_runs r where r.started_at > adsapp_now() - interval '1 hour') t
