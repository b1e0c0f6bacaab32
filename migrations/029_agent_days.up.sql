-- What the days of agents are made of is marked, so that the tick's settle phase computes those days again.

-- Seconds of business between two instants: hours that overlap count once, none set means always open.
create function business_seconds(p_from timestamptz, p_to timestamptz, p_hours jsonb, p_timezone text) returns numeric language sql stable parallel safe as $$
  select case when p_to <= p_from then 0
              when public.business_weekdays(p_hours) is null then extract(epoch from p_to - p_from)
              else (select coalesce(sum(extract(epoch from upper(r) - lower(r))), 0)
                      from (select unnest(range_agg(tstzrange(o.opens, o.closes) * tstzrange(p_from, p_to))) as r
                              from (select (d.day + (w.value ->> 0)::time) at time zone p_timezone as opens,
                                           (d.day + (w.value ->> 1)::time + case when (w.value ->> 1)::time <= (w.value ->> 0)::time then interval '1 day' else interval '0' end)
                                             at time zone p_timezone as closes
                                      from (select (p_from at time zone p_timezone)::date - 1 + n as day
                                              from generate_series(0, (p_to at time zone p_timezone)::date - (p_from at time zone p_timezone)::date + 1) n) d
                                     cross join lateral jsonb_array_elements(p_hours -> (array['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'])[extract(dow from d.day)::integer + 1]) w
                                     where not coalesce(p_hours -> 'holidays', '[]') ? d.day::text) o
                             where o.opens < o.closes) x) end
$$;

-- Days of agents whose numbers are to be computed again.
create table agent_days_due (
  organization_id uuid not null,
  agent_id uuid not null,
  date date not null,
  marked_at timestamptz not null default adsapp_now(),
  primary key (agent_id, date, organization_id),
  constraint agent_days_due_agent_fkey foreign key (organization_id, agent_id) references profiles (organization_id, id) on delete cascade
);
call adsapp_wall('agent_days_due', 'Users can access agent days in their org');
grant select on agent_days_due to adsapp_operator;
grant select, insert, update, delete on agent_days_due to adsapp_worker;

-- Every day of these conversations from `since` on, for everyone who has or had a part in them: more than need be costs a little work,
-- less would be wrong. It locks what it finds marked, so that no tick takes a mark whose cause it cannot see yet.
create function mark_agent_days(conversations uuid[], agents uuid[], since timestamptz[]) returns void language plpgsql security definer set search_path = '' as $$
begin
  insert into public.agent_days_due as d (organization_id, agent_id, date)
  select distinct k.organization_id, w.agent_id, t.day
    from unnest(mark_agent_days.conversations, mark_agent_days.agents, mark_agent_days.since) as g(conversation_id, agent_id, since)
   cross join lateral (select c.* from public.conversations c where c.id = g.conversation_id offset 0) k
    join public.organizations o on o.id = k.organization_id
   cross join lateral (select k.assigned_agent_id as agent_id union select g.agent_id
                       union select m.agent_id from public.messages m where m.conversation_id = k.id and m.agent_id is not null) w
   cross join lateral (select (x.at at time zone o.timezone)::date as day
                         from (select m.created_at as at from public.messages m where m.conversation_id = k.id and m.agent_id is not null
                               union all select k.resolved_at
                               union all select r.rated_at from public.satisfaction_ratings r where r.conversation_id = k.id and r.organization_id = k.organization_id) x) t
   where w.agent_id is not null and t.day >= coalesce((g.since at time zone o.timezone)::date, '-infinity')
     and exists (select from public.profiles p where p.id = w.agent_id and p.organization_id = k.organization_id)
   order by 2, 3
  on conflict (agent_id, date, organization_id) do update set marked_at = excluded.marked_at;
end $$;
revoke execute on function mark_agent_days(uuid[], uuid[], timestamptz[]) from public;

create function tg_messages__agent_days() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  changed uuid[];
  since timestamptz[];
begin
  select array_agg(a.conversation_id), array_agg(a.since) into changed, since
    from (select m.conversation_id, min(least(m.created_at, m.received_at)) as since from added m where m.conversation_id is not null group by 1) a;
  if changed is not null then
    perform public.mark_agent_days(changed, '{}', since);
  end if;
  return null;
end $$;
revoke execute on function tg_messages__agent_days() from public;
create trigger _800_agent_days_insert after insert on messages referencing new table as added
  for each statement execute function tg_messages__agent_days();
create trigger _800_agent_days_update after update on messages referencing new table as added
  for each statement execute function tg_messages__agent_days();

-- Who had it before loses its numbers.
create function tg_conversations__agent_days() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  changed uuid[];
  agents uuid[];
begin
  select array_agg(b.id), array_agg(b.agent_id) into changed, agents
    from (select s.id, min(s.assigned_agent_id::text) filter (where s.was)::uuid as agent_id
            from (select r.id, r.assigned_agent_id, r.opened_at, r.resolved_at, true as was from removed r
                  union all select a.id, a.assigned_agent_id, a.opened_at, a.resolved_at, false from added a) s
           group by s.id having count(distinct (s.assigned_agent_id, s.opened_at, s.resolved_at)) > 1) b;
  if changed is not null then
    perform public.mark_agent_days(changed, agents, '{}');
  end if;
  return null;
end $$;
revoke execute on function tg_conversations__agent_days() from public;
create trigger _800_agent_days after update on conversations referencing new table as added old table as removed
  for each statement execute function tg_conversations__agent_days();

create function tg_satisfaction_ratings__agent_days() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  perform public.mark_agent_days(array(select a.conversation_id from added a), '{}', '{}');
  return null;
end $$;
revoke execute on function tg_satisfaction_ratings__agent_days() from public;
create trigger _800_agent_days_insert after insert on satisfaction_ratings referencing new table as added
  for each statement execute function tg_satisfaction_ratings__agent_days();
create trigger _800_agent_days_update after update on satisfaction_ratings referencing new table as added
  for each statement execute function tg_satisfaction_ratings__agent_days();

create function tg_agent_sessions__agent_days() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.agent_days_due as d (organization_id, agent_id, date)
  select distinct a.organization_id, a.agent_id, (a.online_at at time zone o.timezone)::date + n
    from added a join public.organizations o on o.id = a.organization_id
   cross join lateral generate_series(0, (a.offline_at at time zone o.timezone)::date - (a.online_at at time zone o.timezone)::date) n
   order by 2, 3
  on conflict (agent_id, date, organization_id) do update set marked_at = excluded.marked_at;
  return null;
end $$;
revoke execute on function tg_agent_sessions__agent_days() from public;
create trigger _800_agent_days_insert after insert on agent_sessions referencing new table as added
  for each statement execute function tg_agent_sessions__agent_days();
create trigger _800_agent_days_update after update on agent_sessions referencing new table as added
  for each statement execute function tg_agent_sessions__agent_days();

-- The numbers of these agents' days, from the rows alone; a day without anything gives none. An answer is an agent's first message after
-- what the person asked; it took from the first message asked since the answer before. Days are local, and each thing belongs to
-- the day on which the agent (or the rating person) did it. Facts are united and grouped, not joined.
create function agent_day_metrics(agents uuid[], dates date[]) returns table (
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
    select d.organization_id, d.agent_id, d.date, m.conversation_id, m.sent_at, b.answered_at is null as is_first, q.asked_at, m.created_at, d.hours, d.timezone
      from days d
     cross join lateral (select m.id, m.conversation_id, m.created_at, m.sent_at from messages m
                          where m.agent_id = d.agent_id and m.direction = 'outbound' and m.created_at > d.after and m.created_at < d.before) m
     cross join lateral (select max(e.created_at) as answered_at from messages e
                          where e.conversation_id = m.conversation_id and e.agent_id is not null and (e.created_at, e.id) < (m.created_at, m.id)) b
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
