-- name: organizations
-- In the order of their names. $1 one of them, or null for all.
select o.id, o.slug from organizations o where $1::uuid is null or o.id = $1 order by o.slug

-- name: holdBroadcasts
-- What counts takes these locks first, in this order: whoever counts now is waited for, whoever comes later adds to what is written here.
select from bulk_campaigns c where c.organization_id = $1 order by c.id for no key update

-- name: holdDrips
select from drip_campaigns d where d.organization_id = $1 order by d.id for no key update

-- name: holdPrices
-- Of messages that belong to no campaign (migrations, usage: tg_messages__count_prices).
select pg_advisory_xact_lock(hashtextextended('adsapp prices ' || $1::uuid, 0))

-- name: holdSources
select from channel_sources s where s.organization_id = $1 order by s.id for no key update

-- name: correctAgentDays
-- From $2 up to today; a marked day is the next tick's to compute (settle). $1 organization.
with agents as (
  select p.id as agent_id, d.day::date as date
    from organizations o
    join profiles p on p.organization_id = o.id
   cross join generate_series($2::date, (adsapp_now() at time zone o.timezone)::date, interval '1 day') as d(day)
   where o.id = $1 and not exists (select from agent_days_due w where w.agent_id = p.id and w.date = d.day::date and w.organization_id = o.id)
), fresh as materialized (
  select f.* from (select array_agg(a.agent_id) as agents, array_agg(a.date) as dates from agents a) a cross join lateral agent_day_metrics(a.agents, a.dates) f
), wrong as materialized (
  select a.agent_id, a.date, f.agent_id is null as is_empty
    from agents a
    left join fresh f on f.agent_id = a.agent_id and f.date = a.date
    left join agent_performance_metrics m on m.agent_id = a.agent_id and m.date = a.date and m.organization_id = $1
   where to_jsonb(f) is distinct from to_jsonb(m) - 'id'
), emptied as (
  delete from agent_performance_metrics m using wrong w
   where w.is_empty and m.agent_id = w.agent_id and m.date = w.date and m.organization_id = $1
), written as (
  insert into agent_performance_metrics as m (organization_id, agent_id, date, conversations_handled, messages_sent, avg_first_response_time, avg_response_time,
         avg_resolution_time, online_time, customer_satisfaction_score, business_first_response_time, business_response_time, business_resolution_time)
  select f.organization_id, f.agent_id, f.date, f.conversations_handled, f.messages_sent, f.avg_first_response_time, f.avg_response_time,
         f.avg_resolution_time, f.online_time, f.customer_satisfaction_score, f.business_first_response_time, f.business_response_time, f.business_resolution_time
    from fresh f join wrong w on w.agent_id = f.agent_id and w.date = f.date order by f.agent_id, f.date
  on conflict (agent_id, date, organization_id) do update
     set conversations_handled = excluded.conversations_handled, messages_sent = excluded.messages_sent, avg_first_response_time = excluded.avg_first_response_time,
         avg_response_time = excluded.avg_response_time, avg_resolution_time = excluded.avg_resolution_time, online_time = excluded.online_time,
         customer_satisfaction_score = excluded.customer_satisfaction_score, business_first_response_time = excluded.business_first_response_time,
         business_response_time = excluded.business_response_time, business_resolution_time = excluded.business_resolution_time
)
select date, count(*)::int as rows from wrong group by date order by date

-- name: correctSources
-- $1 organization, $2 first day.
with counted as (
  select x.source_id, x.day, sum(x.counted)::int as counted, sum(x.says)::int as says
    from (select c.channel_source_id as source_id, c.opened_on as day, 1 as counted, 0 as says from conversations c
           where c.organization_id = $1 and c.channel_source_id is not null and c.opened_on >= $2::date
          union all
          select s.id, k.key::date, 0, k.value::int from channel_sources s cross join lateral jsonb_each_text(s.daily_counts) k
           where s.organization_id = $1 and k.key::date >= $2::date) x
   group by x.source_id, x.day
), wrong as materialized (
  select * from counted n where n.counted <> n.says
), written as (
  update channel_sources s
     set daily_counts = (s.daily_counts - (select array_agg(w.day::text) from wrong w where w.source_id = s.id))
                        || coalesce((select jsonb_object_agg(w.day::text, w.counted) from wrong w where w.source_id = s.id and w.counted > 0), '{}')
   where s.organization_id = $1 and s.id in (select w.source_id from wrong w)
)
select w.day as date, count(*)::int as rows from wrong w group by w.day order by w.day

-- name: correctReplies
-- Of people in drips, by the day on which they entered: so a report counts them. $1 organization, $2 first day.
with entered as (
  select e.id, e.organization_id, e.replies_received, e.entered_on as day
    from drip_enrollments e where e.organization_id = $1 and e.entered_on >= $2::date
), wrong as materialized (
  select n.id, n.day, l.replies from entered n
   cross join lateral (select count(l.replied_at)::int as replies from drip_message_logs l where l.enrollment_id = n.id and l.organization_id = n.organization_id) l
   where n.replies_received <> l.replies
), held as (
  select e.id from drip_enrollments e join wrong w on w.id = e.id where e.organization_id = $1 order by e.id for no key update of e
), written as (
  update drip_enrollments e set replies_received = w.replies from wrong w join held h on h.id = w.id where e.id = w.id and e.organization_id = $1
)
select w.day as date, count(*)::int as rows from wrong w group by w.day order by w.day
