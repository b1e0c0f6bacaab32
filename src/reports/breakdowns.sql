Each: $1 organization, $2 first and $3 last local day, $4 true for a line a day.

-- name: agentNumbers
-- The source document's "agent performance": its averages are those of an agent's days.
select case when $4 then a.date end as date, p.full_name, sum(a.conversations_handled) as total_convos,
       round(avg(a.avg_first_response_time), 1) as avg_response, round(avg(a.customer_satisfaction_score), 2) as csat,
       sum(a.messages_sent) as messages_sent, round(avg(a.avg_response_time), 1) as avg_next_response,
       round(avg(a.avg_resolution_time), 1) as avg_resolution, sum(a.online_time) as online_time
  from agent_performance_metrics a
  join profiles p on p.id = a.agent_id and p.organization_id = a.organization_id
 where a.organization_id = $1 and a.date between $2 and $3
 group by 1, p.id, p.full_name
 order by 1 desc nulls last, total_convos desc, p.full_name

-- name: channelNumbers
select n.date, n.source, n.type, n.code, n.conversations,
       coalesce(round(100.0 * n.conversations / nullif(sum(n.conversations) over (), 0), 2), 0) as share
  from (select case when $4 then k.key::date end as date, s.name as source, s.type, s.code, sum(k.value::integer) as conversations
          from channel_sources s cross join lateral jsonb_each_text(s.daily_counts) k
         where s.organization_id = $1 and k.key between $2 and $3
         group by 1, s.id, s.name, s.type, s.code) n
 where n.conversations > 0
 order by n.date desc nulls last, n.conversations desc, n.source

-- name: templateNumbers
select n.*, coalesce(round(100.0 * n.messages_delivered / nullif(n.messages_sent, 0), 2), 0) as delivery_rate,
       coalesce(round(100.0 * n.messages_read / nullif(n.messages_sent, 0), 2), 0) as open_rate,
       coalesce(round(100.0 * n.replies_received / nullif(n.messages_sent, 0), 2), 0) as reply_rate
  from (select case when $4 then u.date end as date, t.name as template, t.language, t.category,
               sum(u.messages_sent) as messages_sent, sum(u.messages_delivered) as messages_delivered, sum(u.messages_read) as messages_read,
               sum(u.messages_failed) as messages_failed, sum(u.replies_received) as replies_received
          from template_usage_analytics u
          join message_templates t on t.id = u.template_id and t.organization_id = u.organization_id
         where u.organization_id = $1 and u.date between $2 and $3
         group by 1, t.id, t.name, t.language, t.category) n
 where n.messages_sent + n.messages_failed > 0
 order by n.date desc nulls last, n.messages_sent desc, n.template, n.language

-- name: failureNumbers
-- $5 true for a line a campaign, $6 campaigns or null.
select n.*, coalesce(round(100.0 * n.failures / nullif(sum(n.failures) over (), 0), 2), 0) as share
  from (select case when $4 then f.date end as date, case when $5 then coalesce(b.name, d.name) end as campaign, f.error_code, sum(f.failures) as failures
          from failure_analytics f
          left join bulk_campaigns b on b.id = f.bulk_campaign_id and b.organization_id = f.organization_id
          left join drip_campaigns d on d.id = f.drip_campaign_id and d.organization_id = f.organization_id
         where f.organization_id = $1 and f.date between $2 and $3 and ($6::uuid[] is null or f.campaign_id = any ($6))
         group by 1, case when $5 then f.campaign_id end, 2, f.error_code) n
 where n.failures > 0
 order by n.date desc nulls last, n.failures desc, n.campaign, n.error_code
