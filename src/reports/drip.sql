-- name: dripNumbers
-- Who entered from $2 to $3 (the organization's local days), and what became of them and their messages until now. $1 organization,
-- $4 drips or null. Drips that are open are there with nobody, too. Enrollments count their messages, so no message is read.
select n.*, coalesce(round(100.0 * n.completed / nullif(n.enrolled, 0), 2), 0) as completion_rate,
       coalesce(round(100.0 * n.messages_delivered / nullif(n.messages_sent, 0), 2), 0) as delivery_rate,
       coalesce(round(100.0 * n.messages_read / nullif(n.messages_sent, 0), 2), 0) as open_rate,
       coalesce(round(100.0 * n.replies_received / nullif(n.messages_sent, 0), 2), 0) as reply_rate
  from (select c.name as drip, p.*
          from drip_campaigns c
          join organizations o on o.id = c.organization_id
          cross join lateral (select ($2::date)::timestamp at time zone o.timezone as since, ($3::date + 1)::timestamp at time zone o.timezone as until) w
          cross join lateral (
            select count(*) as enrolled, count(*) filter (where e.ended_at is null) as active, count(*) filter (where e.status = 'completed') as completed,
                   count(*) filter (where e.status = 'dropped') as dropped, count(*) filter (where e.status = 'opted_out') as opted_out,
                   coalesce(sum(e.messages_sent), 0) as messages_sent, coalesce(sum(e.messages_delivered), 0) as messages_delivered,
                   coalesce(sum(e.messages_read), 0) as messages_read, coalesce(sum(e.replies_received), 0) as replies_received
              from drip_enrollments e
             where e.campaign_id = c.id and e.organization_id = c.organization_id and e.enrolled_at >= w.since and e.enrolled_at < w.until) p
         where c.organization_id = $1 and ($4::uuid[] is null or c.id = any ($4))
           and (p.enrolled > 0 or c.status in ('active', 'paused'))) n
 order by n.drip

-- name: stepNumbers
-- The steps of drips by what was sent in these days. $1 organization, $2 and $3 days, $4 drips or null.
select c.name as drip, s.version, s.step_order as step,
       coalesce(s.message ->> 'template', t.name, s.message ->> 'text', s.message_content, s.message ->> 'type', s.message_type) as says,
       sum(a.messages_sent) as messages_sent, sum(a.messages_delivered) as messages_delivered, sum(a.messages_read) as messages_read,
       sum(a.messages_failed) as messages_failed, sum(a.replies_received) as replies_received
  from drip_step_analytics a
  join drip_campaign_steps s on s.id = a.step_id and s.organization_id = a.organization_id
  join drip_campaigns c on c.id = s.campaign_id and c.organization_id = s.organization_id
  left join message_templates t on t.id = s.template_id and t.organization_id = s.organization_id
 where a.organization_id = $1 and a.date between $2 and $3 and ($4::uuid[] is null or c.id = any ($4))
 group by c.id, c.organization_id, c.name, s.id, s.organization_id, t.id, t.organization_id, t.name
 order by c.name, s.version desc, s.step_order
