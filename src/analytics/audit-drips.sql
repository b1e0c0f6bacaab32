What must hold of drips; as in audit.sql. $1: one organization, or null for all.

-- name: drip_counters_equal_rows
with logs as (
  select l.campaign_id, l.organization_id,
         array[count(l.sent_at), count(l.delivered_at), count(l.read_at), count(*) filter (where l.status = 'failed'),
               count(*) filter (where l.status = 'skipped'), count(l.replied_at), count(l.opted_out_at)] as counts
    from drip_message_logs l where $1::uuid is null or l.organization_id = $1
   group by l.campaign_id, l.organization_id
), people as (
  select e.campaign_id, e.organization_id,
         array[count(*), count(*) filter (where e.ended_at is null), count(*) filter (where e.status = 'completed'),
               count(*) filter (where e.status = 'dropped'), count(*) filter (where e.status = 'opted_out')] as counts
    from drip_enrollments e where $1::uuid is null or e.organization_id = $1
   group by e.campaign_id, e.organization_id
)
select format('drip "%s": counters %s %s, rows %s %s (enrolled, active, completed, dropped, opted out; sent, delivered, read, failed, skipped, replies, opt-outs)',
              d.name, d.people, d.messages, coalesce(p.counts, array_fill(0::bigint, array[5])), coalesce(l.counts, array_fill(0::bigint, array[7]))) as example
  from (select c.id, c.organization_id, c.name,
               array[c.total_enrolled, c.enrollments_active, c.enrollments_completed, c.enrollments_dropped, c.enrollments_opted_out]::bigint[] as people,
               array[c.messages_sent, c.messages_delivered, c.messages_read, c.messages_failed, c.messages_skipped, c.replies_received, c.opt_outs]::bigint[] as messages
          from drip_campaigns c where $1::uuid is null or c.organization_id = $1) d
  left join logs l on l.campaign_id = d.id and l.organization_id = d.organization_id
  left join people p on p.campaign_id = d.id and p.organization_id = d.organization_id
 where d.messages <> coalesce(l.counts, array_fill(0::bigint, array[7])) or d.people <> coalesce(p.counts, array_fill(0::bigint, array[5]))
union all
select format('enrollment %s: counters %s, rows %s (sent, delivered, read)', e.id, array[e.messages_sent, e.messages_delivered, e.messages_read], n.counts)
  from drip_enrollments e
  cross join lateral (select array[count(l.sent_at), count(l.delivered_at), count(l.read_at)] as counts
                        from drip_message_logs l where l.enrollment_id = e.id and l.organization_id = e.organization_id) n
 where ($1::uuid is null or e.organization_id = $1)
   and array[e.messages_sent, e.messages_delivered, e.messages_read]::bigint[] <> n.counts

-- name: no_drip_after_opt_out
select format('log %s: dispatched %s to contact %s, opted out %s, blocked %s, erased %s', l.id, l.dispatched_at, c.id, c.opted_out_at, c.blocked_at, c.erased_at) as example
  from contacts c
  join drip_message_logs l on l.contact_id = c.id and l.organization_id = c.organization_id
  join drip_campaigns d on d.id = l.campaign_id and d.organization_id = l.organization_id
 where ($1::uuid is null or c.organization_id = $1) and coalesce(c.opted_out_at, c.blocked_at, c.erased_at) is not null
   and l.dispatched_at > least(case when not coalesce((d.settings ->> 'transactional')::boolean, false) then c.opted_out_at end, c.blocked_at, c.erased_at) + interval '5 seconds'

-- name: each_step_once
-- Two accepted messages of one step: only where the first one's outcome was unknown, and the policy is to send again then.
select format('log %s: %s accepted messages to contact %s', l.id, t.messages, l.contact_id) as example
  from (select m.drip_message_log_id as log_id, m.organization_id, count(*) as messages, count(distinct m.attempt) as attempts
          from messages m
         where m.direction = 'outbound' and m.drip_message_log_id is not null and m.status in ('sent', 'delivered', 'read') and m.failed_at is null
           and ($1::uuid is null or m.organization_id = $1)
         group by 1, 2 having count(*) > 1) t
  join drip_message_logs l on l.id = t.log_id and l.organization_id = t.organization_id
  join drip_campaigns d on d.id = l.campaign_id and d.organization_id = l.organization_id
 where t.attempts < t.messages or (coalesce(d.settings ->> 'onUnknown', 'retry') <> 'retry' and l.resolved_as is distinct from 'not-sent')
union all
select format('message %s: contact %s, its log %s: contact %s', m.id, m.contact_id, l.id, l.contact_id)
  from messages m join drip_message_logs l on l.id = m.drip_message_log_id and l.organization_id = m.organization_id
 where ($1::uuid is null or m.organization_id = $1) and m.contact_id <> l.contact_id

-- name: steps_in_order
-- None early, none before the one in front of it.
select format('log %s (step %s): dispatched %s, planned for %s, the step before %s', l.id, l.step_order, l.dispatched_at, l.scheduled_for, l.before) as example
  from (select x.*, lag(coalesce(x.dispatched_at, x.sent_at)) over (partition by x.enrollment_id order by x.step_order) as before
          from drip_message_logs x where $1::uuid is null or x.organization_id = $1) l
 where l.dispatched_at < l.scheduled_for or l.dispatched_at < l.before

-- name: nobody_is_stuck
-- Who is in an active drip has one step open, unless its outcome waits for a person; whoever has left has none.
select format('enrollment %s: %s, %s open steps (%s)', e.id, e.status, n.open, n.statuses) as example
  from drip_enrollments e
  join drip_campaigns d on d.id = e.campaign_id and d.organization_id = e.organization_id
  cross join lateral (select count(*) as open, string_agg(l.status, ', ') as statuses
                        from drip_message_logs l
                       where l.enrollment_id = e.id and l.organization_id = e.organization_id and l.status in ('pending', 'dispatching', 'unknown')) n
 where ($1::uuid is null or e.organization_id = $1)
   and ((e.status = 'active' and d.status in ('active', 'paused') and n.open = 0)
        or (e.ended_at is not null and n.statuses like '%pending%'))
