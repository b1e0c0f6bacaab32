-- name: dripNumbers
-- Who entered from $2 to $3 (the organization's local days), and what became of them and their messages until now. $1 organization,
-- $4 drip or null. Drips that are open are there with nobody, too.
select n.*, coalesce(round(100.0 * n.completed / nullif(n.enrolled, 0), 2), 0) as completion_rate,
       coalesce(round(100.0 * n.messages_delivered / nullif(n.messages_sent, 0), 2), 0) as delivery_rate,
       coalesce(round(100.0 * n.messages_read / nullif(n.messages_sent, 0), 2), 0) as open_rate,
       coalesce(round(100.0 * n.replies_received / nullif(n.messages_sent, 0), 2), 0) as reply_rate
  from (select c.name as drip, p.enrolled, p.active, p.completed, p.dropped, p.opted_out,
               m.messages_sent, m.messages_delivered, m.messages_read, m.replies_received
          from drip_campaigns c
          join organizations o on o.id = c.organization_id
          cross join lateral (select ($2::date)::timestamp at time zone o.timezone as since, ($3::date + 1)::timestamp at time zone o.timezone as until) w
          cross join lateral (
            select count(*) as enrolled, count(*) filter (where e.ended_at is null) as active, count(*) filter (where e.status = 'completed') as completed,
                   count(*) filter (where e.status = 'dropped') as dropped, count(*) filter (where e.status = 'opted_out') as opted_out
              from drip_enrollments e
             where e.campaign_id = c.id and e.organization_id = c.organization_id and e.enrolled_at >= w.since and e.enrolled_at < w.until) p
          cross join lateral (
            select count(l.sent_at) as messages_sent, count(l.delivered_at) as messages_delivered, count(l.read_at) as messages_read,
                   count(l.replied_at) as replies_received
              from drip_enrollments e join drip_message_logs l on l.enrollment_id = e.id and l.organization_id = e.organization_id
             where e.campaign_id = c.id and e.organization_id = c.organization_id and e.enrolled_at >= w.since and e.enrolled_at < w.until) m
         where c.organization_id = $1 and ($4::uuid is null or c.id = $4)
           and (p.enrolled > 0 or c.status in ('active', 'paused'))) n
 order by n.drip
