The daily numbers as the rows alone say them. $1: one organization, or null for all; $2: from this day on, or null for all days.

-- name: campaignDays
select j.organization_id, j.campaign_id, 'bulk' as campaign_type, j.counted_on as date,
       count(j.sent_at) as messages_sent, count(j.delivered_at) as messages_delivered, count(j.read_at) as messages_read,
       count(*) filter (where j.status = 'failed') as messages_failed, count(j.replied_at) as replies_received, count(j.opted_out_at) as opt_outs
  from bulk_campaigns c join bulk_message_jobs j on j.campaign_id = c.id and j.organization_id = c.organization_id
 where ($1::uuid is null or c.organization_id = $1) and j.counted_on >= coalesce($2::date, '-infinity')
 group by j.organization_id, j.campaign_id, j.counted_on

-- name: templateDays
select g.organization_id, t.id as template_id, g.campaign_id, 'bulk' as campaign_type, g.date, sum(g.messages_sent) as messages_sent,
       sum(g.messages_delivered) as messages_delivered, sum(g.messages_read) as messages_read, sum(g.messages_failed) as messages_failed,
       sum(g.replies_received) as replies_received
  from (select j.organization_id, j.campaign_id, j.occurrence, j.variant, j.counted_on as date,
               count(j.sent_at) as messages_sent, count(j.delivered_at) as messages_delivered, count(j.read_at) as messages_read,
               count(*) filter (where j.status = 'failed') as messages_failed, count(j.replied_at) as replies_received
          from bulk_campaigns c join bulk_message_jobs j on j.campaign_id = c.id and j.organization_id = c.organization_id
         where ($1::uuid is null or c.organization_id = $1) and j.counted_on >= coalesce($2::date, '-infinity')
         group by 1, 2, 3, 4, 5) g
  join campaign_runs r on r.campaign_id = g.campaign_id and r.occurrence = g.occurrence and r.organization_id = g.organization_id
 cross join lateral (select adsapp_frozen_template_of(r.definition, g.variant) as template) f
  join message_templates t on t.organization_id = g.organization_id and t.name = f.template ->> 'name' and t.language = f.template ->> 'language'
 group by 1, 2, 3, 5
union all
select l.organization_id, t.id, l.campaign_id, 'drip', l.counted_on, count(l.sent_at), count(l.delivered_at), count(l.read_at),
       count(*) filter (where l.status = 'failed'), count(l.replied_at)
  from drip_campaigns d
  join drip_message_logs l on l.campaign_id = d.id and l.organization_id = d.organization_id
  join drip_campaign_steps s on s.id = l.step_id and s.organization_id = l.organization_id
  join message_templates t on t.organization_id = l.organization_id
   and case when s.message is null then t.id = s.template_id else t.name = s.message ->> 'template' and t.language = s.message ->> 'language' end
 where ($1::uuid is null or d.organization_id = $1) and l.counted_on >= coalesce($2::date, '-infinity')
 group by l.organization_id, t.id, l.campaign_id, l.counted_on

-- name: stepDays
select l.organization_id, l.campaign_id, l.step_id, l.counted_on as date, count(l.sent_at) as messages_sent, count(l.delivered_at) as messages_delivered,
       count(l.read_at) as messages_read, count(*) filter (where l.status = 'failed') as messages_failed, count(l.replied_at) as replies_received,
       count(l.opted_out_at) as opt_outs
  from drip_campaigns d join drip_message_logs l on l.campaign_id = d.id and l.organization_id = d.organization_id
 where ($1::uuid is null or d.organization_id = $1) and l.counted_on >= coalesce($2::date, '-infinity')
 group by l.organization_id, l.campaign_id, l.step_id, l.counted_on

-- name: entryDays
select e.organization_id, e.campaign_id, e.entered_on as date, count(*) as enrolled, count(*) filter (where e.status = 'completed') as completed,
       count(*) filter (where e.status = 'dropped') as dropped, count(*) filter (where e.status = 'opted_out') as opted_out, sum(e.messages_sent) as messages_sent,
       sum(e.messages_delivered) as messages_delivered, sum(e.messages_read) as messages_read, sum(e.replies_received) as replies_received
  from drip_campaigns d join drip_enrollments e on e.campaign_id = d.id and e.organization_id = d.organization_id
 where ($1::uuid is null or d.organization_id = $1) and e.entered_on >= coalesce($2::date, '-infinity')
 group by e.organization_id, e.campaign_id, e.entered_on

-- name: priceDays
select m.organization_id, coalesce(j.campaign_id, l.campaign_id) as campaign_id,
       case when m.bulk_message_job_id is not null then 'bulk' when m.drip_message_log_id is not null then 'drip' end as campaign_type,
       m.priced_on as date, m.calling_code, m.pricing ->> 'category' as category, m.pricing ->> 'type' as pricing_type, count(*) as messages
  from messages m
  left join bulk_message_jobs j on j.id = m.bulk_message_job_id and j.organization_id = m.organization_id
  left join drip_message_logs l on l.id = m.drip_message_log_id and l.organization_id = m.organization_id
 where ($1::uuid is null or m.organization_id = $1) and m.priced_on >= coalesce($2::date, '-infinity')
 group by 1, 2, 3, 4, 5, 6, 7

-- name: failureDays
select j.organization_id, j.campaign_id, 'bulk' as campaign_type, j.counted_on as date, coalesce(j.error_code, 'none') as error_code, count(*) as failures
  from bulk_campaigns c join bulk_message_jobs j on j.campaign_id = c.id and j.organization_id = c.organization_id
 where ($1::uuid is null or c.organization_id = $1) and j.status = 'failed' and j.counted_on >= coalesce($2::date, '-infinity')
 group by j.organization_id, j.campaign_id, j.counted_on, coalesce(j.error_code, 'none')
