-- An agent's answer that failed is none: the person waits on, since when they asked, and it is nobody's first response.

create function tg_messages__unanswered() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  failed uuid[];
begin
  if not exists (select from added a where a.status = 'failed' and a.agent_id is not null and a.conversation_id is not null) then
    return null;
  end if;
  failed := array(select distinct a.conversation_id from added a where a.status = 'failed' and a.agent_id is not null and a.conversation_id is not null);
  perform from public.conversations c where c.id = any (failed) and c.resolved_at is null order by c.id for no key update;
  update public.conversations c set first_response_at = a.first_at, waiting_since = least(c.waiting_since, q.asked_at)
    from unnest(failed) as f(conversation_id)
   cross join lateral (select min(e.created_at) as first_at, max(e.created_at) as last_at from public.messages e
                        where e.conversation_id = f.conversation_id and e.agent_id is not null and e.status <> 'failed') a
   cross join lateral (select min(i.received_at) as asked_at from public.messages i
                        where i.conversation_id = f.conversation_id and i.direction = 'inbound' and i.received_at > coalesce(a.last_at, '-infinity')) q
   where c.id = f.conversation_id and c.resolved_at is null;
  return null;
end $$;
revoke execute on function tg_messages__unanswered() from public;
create trigger _750_unanswered after update on messages referencing new table as added
  for each statement execute function tg_messages__unanswered();

-- As in 029, but for what failed.
create or replace function agent_day_metrics(agents uuid[], dates date[]) returns table (
  organization_id uuid, agent_id uuid, date date, conversations_handled integer, messages_sent integer, avg_first_response_time numeric, avg_response_time numeric,
  avg_resolution_time numeric, online_time integer, customer_satisfaction_score numeric, business_first_response_time numeric, business_response_time numeric,
  business_resolution_time numeric) language sql stable set search_path = 'public' as $$
  with days as materialized (
    select p.organization_id, d.agent_id, d.date, o.timezone, o.business_hours as hours,
           (d.date::timestamp at time zone o.timezone) - interval '1 day' as after, ((d.date + 1)::timestamp at time zone o.timezone) + interval '1 day' as before
      from (select distinct g.agent_id, g.date from unnest(agent_day_metrics.agents, agent_day_metrics.dates) as g(agent_id, date)) d
     cross join lateral (select p.organization_id from profiles p where p.id = d.agent_id limit 1) p
     cross join lateral (select o.timezone, o.business_hours from organizations o where o.id = p.organization_id limit 1) o
  ), written as (
    select d.organization_id, d.agent_id, d.date, m.conversation_id, m.sent_at, b.answered_at is null as is_first, case when m.status <> 'failed' then q.asked_at end as asked_at,
           m.created_at, d.hours, d.timezone
      from days d
     cross join lateral (select m.id, m.conversation_id, m.created_at, m.sent_at, m.status from messages m
                          where m.agent_id = d.agent_id and m.direction = 'outbound' and m.created_at > d.after and m.created_at < d.before) m
     cross join lateral (select max(e.created_at) as answered_at from messages e
                          where e.conversation_id = m.conversation_id and e.agent_id is not null and e.status <> 'failed' and (e.created_at, e.id) < (m.created_at, m.id)) b
     cross join lateral (select min(i.received_at) as asked_at from messages i
                          where i.conversation_id = m.conversation_id and i.direction = 'inbound'
                            and i.received_at > coalesce(b.answered_at, '-infinity') and i.received_at <= m.created_at) q
     where (m.created_at at time zone d.timezone)::date = d.date
  ), closed as (
    select d.organization_id, d.agent_id, d.date, c.id as conversation_id, c.opened_at, c.resolved_at, d.hours, d.timezone
      from days d
     cross join lateral (select c.id, c.opened_at, c.resolved_at from conversations c
                          where c.assigned_agent_id = d.agent_id and c.resolved_at > d.after and c.resolved_at < d.before) c
     where (c.resolved_at at time zone d.timezone)::date = d.date
  ), facts as (
    select w.organization_id, w.agent_id, w.date, 'message' as kind, w.conversation_id, (w.sent_at is not null)::int::numeric as value, null::numeric as business from written w
    union all
    select w.organization_id, w.agent_id, w.date, k.kind, w.conversation_id, extract(epoch from w.created_at - w.asked_at), business_seconds(w.asked_at, w.created_at, w.hours, w.timezone)
      from written w cross join lateral (select 'answer' as kind union all select 'first' where w.is_first) k where w.asked_at is not null
    union all
    select c.organization_id, c.agent_id, c.date, 'closed', c.conversation_id, extract(epoch from c.resolved_at - c.opened_at), business_seconds(c.opened_at, c.resolved_at, c.hours, c.timezone) from closed c
    union all
    select d.organization_id, d.agent_id, d.date, 'rated', null, r.score, null
      from days d
     cross join lateral (select r.score, r.rated_at, r.conversation_id from satisfaction_ratings r
                          where r.organization_id = d.organization_id and r.rated_at > d.after and r.rated_at < d.before) r
      join conversations c on c.id = r.conversation_id and c.organization_id = d.organization_id and c.assigned_agent_id = d.agent_id
     where (r.rated_at at time zone d.timezone)::date = d.date
    union all
    select d.organization_id, d.agent_id, d.date, 'online', null,
           extract(epoch from least(s.offline_at, (d.date + 1)::timestamp at time zone d.timezone) - greatest(s.online_at, d.date::timestamp at time zone d.timezone)), null
      from days d join agent_sessions s on s.agent_id = d.agent_id and s.organization_id = d.organization_id
     where s.offline_at > d.date::timestamp at time zone d.timezone and s.online_at < (d.date + 1)::timestamp at time zone d.timezone
  )
  select f.organization_id, f.agent_id, f.date, count(distinct f.conversation_id)::int, coalesce(sum(f.value) filter (where f.kind = 'message'), 0)::int,
         round(avg(f.value) filter (where f.kind = 'first'), 3), round(avg(f.value) filter (where f.kind = 'answer'), 3), round(avg(f.value) filter (where f.kind = 'closed'), 3),
         coalesce(round(sum(f.value) filter (where f.kind = 'online')), 0)::int, round(avg(f.value) filter (where f.kind = 'rated'), 3),
         round(avg(f.business) filter (where f.kind = 'first'), 3), round(avg(f.business) filter (where f.kind = 'answer'), 3), round(avg(f.business) filter (where f.kind = 'closed'), 3)
    from facts f group by f.organization_id, f.agent_id, f.date
$$;
