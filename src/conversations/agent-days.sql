-- name: takeAgentDays
-- Marks are taken in a statement of their own: the next one sees all that they stand for. $1 organization or null, $2 how many.
delete from agent_days_due d
 using (select agent_id, date, organization_id from agent_days_due where $1::uuid is null or organization_id = $1
         order by agent_id, date for update skip locked limit $2) t
 where d.agent_id = t.agent_id and d.date = t.date and d.organization_id = t.organization_id
returning d.agent_id, d.date

-- name: settleAgentDays
-- One array a column: agent, day.
with fresh as materialized (
  select * from agent_day_metrics($1::uuid[], $2::date[])
), emptied as (
  delete from agent_performance_metrics m
   using unnest($1::uuid[], $2::date[]) as t(agent_id, date)
   where m.agent_id = t.agent_id and m.date = t.date and not exists (select from fresh f where f.agent_id = m.agent_id and f.date = m.date)
)
insert into agent_performance_metrics as m (organization_id, agent_id, date, conversations_handled, messages_sent, avg_first_response_time, avg_response_time,
       avg_resolution_time, online_time, customer_satisfaction_score, business_first_response_time, business_response_time, business_resolution_time)
select organization_id, agent_id, date, conversations_handled, messages_sent, avg_first_response_time, avg_response_time,
       avg_resolution_time, online_time, customer_satisfaction_score, business_first_response_time, business_response_time, business_resolution_time
  from fresh order by agent_id, date
on conflict (agent_id, date, organization_id) do update
   set conversations_handled = excluded.conversations_handled, messages_sent = excluded.messages_sent, avg_first_response_time = excluded.avg_first_response_time,
       avg_response_time = excluded.avg_response_time, avg_resolution_time = excluded.avg_resolution_time, online_time = excluded.online_time,
       customer_satisfaction_score = excluded.customer_satisfaction_score, business_first_response_time = excluded.business_first_response_time,
       business_response_time = excluded.business_response_time, business_resolution_time = excluded.business_resolution_time
