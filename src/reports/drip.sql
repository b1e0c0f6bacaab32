-- name: dripNumbers
-- Who entered from $2 to $3 (the organization's local days), and what became of them and their messages until now. $1 organization,
-- $4 drips or null. Drips that are open are there with nobody, too.
select n.*, coalesce(round(100.0 * n.completed / nullif(n.enrolled, 0), 2), 0) as completion_rate,
       coalesce(round(100.0 * n.messages_delivered / nullif(n.messages_sent, 0), 2), 0) as delivery_rate,
       coalesce(round(100.0 * n.messages_read / nullif(n.messages_sent, 0), 2), 0) as open_rate,
       coalesce(round(100.0 * n.replies_received / nullif(n.messages_sent, 0), 2), 0) as reply_rate
  from (select c.name as drip, p.*
          from drip_campaigns c
          cross join lateral (
            select coalesce(sum(a.enrolled), 0) as enrolled, coalesce(sum(a.enrolled - a.completed - a.dropped - a.opted_out), 0) as active,
                   coalesce(sum(a.completed), 0) as completed, coalesce(sum(a.dropped), 0) as dropped, coalesce(sum(a.opted_out), 0) as opted_out,
                   coalesce(sum(a.messages_sent), 0) as messages_sent, coalesce(sum(a.messages_delivered), 0) as messages_delivered,
                   coalesce(sum(a.messages_read), 0) as messages_read, coalesce(sum(a.replies_received), 0) as replies_received
              from drip_entry_analytics a
             where a.campaign_id = c.id and a.organization_id = c.organization_id and a.date between $2::date and $3::date) p
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
