-- When the next step of a drip goes out. Whoever writes enrollments, SQL included, gets it planned by the triggers below.

-- When a step is due that counts from p_from; `gap_shift` is by how much a change of clocks moved it: that is undone if p_from is still
-- in the hour it was moved to. A local time that does not exist moves forward by the gap; one that exists twice is the second (design: database).
create function next_step_time(p_from timestamptz, p_gap_shift interval, p_delay_type text, p_delay_value integer, p_send_at time, p_timezone text)
returns table (due timestamptz, gap_shift interval) language sql stable parallel safe as $$
  select coalesce(w.wished at time zone p_timezone, w.exact), coalesce((w.wished at time zone p_timezone) at time zone p_timezone - w.wished, interval '0')
    from (select b.exact, case
            when p_send_at is null then b.local
            when (b.day + p_send_at) at time zone p_timezone >= b.earliest then b.day + p_send_at
            else b.day + 1 + p_send_at end as wished
            from (select a.exact, a.local, coalesce(a.exact, p_from) as earliest, coalesce(a.local, a.exact at time zone p_timezone)::date as day
                    from (select case p_delay_type when 'minutes' then p_from + make_interval(mins => p_delay_value)
                                                   when 'hours' then p_from + make_interval(hours => p_delay_value) end as exact,
                                 case p_delay_type when 'days' then l.local + make_interval(days => p_delay_value)
                                                   when 'weeks' then l.local + make_interval(weeks => p_delay_value) end as local
                            from (select case when (m.wished at time zone p_timezone) at time zone p_timezone <> m.wished then m.wished
                                              else p_from at time zone p_timezone end as local
                                    from (select p_from at time zone p_timezone - p_gap_shift as wished) m) l) a) b) w
$$;

-- The first time from p_at on that a step may have: its local time, then the hours of business.
create function next_step_hour(p_at timestamptz, p_send_at time, p_hours jsonb, p_timezone text) returns timestamptz
language sql stable parallel safe as $$
  select case when p_hours is null then s.at else coalesce(public.next_business_time(s.at, p_hours, p_timezone), s.at) end
    from (select case when p_send_at is null then p_at
                      when (l.day + p_send_at) at time zone p_timezone >= p_at then (l.day + p_send_at) at time zone p_timezone
                      else (l.day + 1 + p_send_at) at time zone p_timezone end as at
            from (select (p_at at time zone p_timezone)::date as day) l) s
$$;

-- An outcome that nobody knows and that only a person, or a late webhook, settles: nothing waits for it any more.
create function adsapp_is_held(p_on_unknown text, p_attempts integer, p_max_attempts integer, p_dispatched_at timestamptz) returns boolean
language sql stable parallel safe as $$
  select coalesce(p_on_unknown, 'retry') = 'hold' or p_attempts >= p_max_attempts or p_dispatched_at <= adsapp_now() - interval '24 hours'
$$;

-- Locks enrollments, each looked up by its key, in the order that everybody keeps.
create function lock_drip_enrollments(enrollment_ids uuid[]) returns void language plpgsql set search_path = '' as $$
begin
  perform from (select distinct w.id from unnest(enrollment_ids) w(id) order by w.id) w
   cross join lateral (select from public.drip_enrollments e where e.id = w.id for no key update) e;
end $$;
revoke execute on function lock_drip_enrollments(uuid[]) from public;

create type first_step as (id uuid, due timestamptz, timezone text);

-- Which weekdays have hours, Sunday first; null where none has: always open.
create function business_weekdays(p_hours jsonb) returns boolean[] language sql immutable parallel safe as $$
  select case when true = any (w.open) then w.open end
    from (select array_agg(jsonb_array_length(coalesce(p_hours -> d.day, '[]')) > 0 order by d.n) as open
            from unnest(array['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']) with ordinality d(day, n)) w
$$;

-- STABLE for the text of a date: only so is it inlined.
create function is_business_day(p_day date, p_weekdays boolean[], p_holidays jsonb) returns boolean language sql stable parallel safe as $$
  select coalesce(p_weekdays[extract(dow from p_day)::integer + 1], true) and not p_holidays ? p_day::text
$$;

-- maxContactsPerDay: each first step gets the first day with room, from its own on, at the same local time. Call it under the
-- drip's row lock. Slots are the free places of the days in order; the n-th step takes the n-th slot that is not before its day,
-- so one statement places them all. A step that the hours of business move to another day is placed again from there. A day that is
-- closed here can be an hour that is open where the contact lives: only those who have it anyway get its places.
-- Steps and days are united and sorted, never joined: to the planner the steps are ten, and it would compare each with each day.
create function place_first_steps(p_campaign_id uuid, p_organization_id uuid, p_per_day integer, p_timezone text, p_hours jsonb, steps first_step[])
returns first_step[] language plpgsql set search_path = '' as $$
declare
  weekdays constant boolean[] := public.business_weekdays(p_hours);
  holidays constant jsonb := coalesce(p_hours -> 'holidays', '[]');
  open public.first_step[] := steps;
  moved public.first_step[];
  placed public.first_step[] := '{}';
begin
  while cardinality(open) > 0 loop
    with everyone as materialized (
      select o.*, (o.due at time zone p_timezone)::date as day from unnest(open) o
    ), closed as materialized (
      select c.day, p_per_day - coalesce((select f.planned from public.drip_first_steps f
                                           where f.campaign_id = p_campaign_id and f.organization_id = p_organization_id and f.date = c.day), 0) as room
        from (select distinct e.day from everyone e) c where not public.is_business_day(c.day, weekdays, holidays)
    ), judged as materialized (
      select e.*, row_number() over (partition by e.day order by e.due, e.id) <= (select c.room from closed c where c.day = e.day) is true as fits from everyone e
    ), wanted as materialized (
      select j.id, j.due, j.timezone, j.day, row_number() over (order by j.day, j.due, j.id) - 1 as n from judged j where not j.fits
    ), reach as (
      select min(w.day) as first, max(w.day) - min(w.day) + 2 + (count(*) + coalesce((select sum(f.planned) from public.drip_first_steps f
               where f.campaign_id = p_campaign_id and f.organization_id = p_organization_id and f.date >= min(w.day)), 0)) / p_per_day as days
        from wanted w
    ), horizon as ( -- closed days give no room: look far enough for the open ones among them
      select r.first, case when p_hours is null then r.days else r.days * 7 + 400 end as days from reach r
    ), days as materialized (
      select d.day, d.room, sum(d.room) over (order by d.day) - d.room as slots_before
        from (select r.first + g.n as day,
                     case when public.is_business_day(r.first + g.n, weekdays, holidays) then greatest(0, p_per_day - coalesce(f.planned, 0)) else 0 end as room
                from horizon r cross join lateral generate_series(0, r.days::integer) as g(n)
                left join public.drip_first_steps f on f.campaign_id = p_campaign_id and f.organization_id = p_organization_id and f.date = r.first + g.n) d
    ), dayed as ( -- how many slots are before the day of each step
      select u.*, max(u.slots_before) over (order by u.day, u.n nulls first) as passed
        from (select w.*, null::bigint as slots_before from wanted w
              union all select null, null, null, d.day, null, d.slots_before from days d) u
    ), slotted as (
      select d.id, d.due, d.timezone, d.day, d.n + max(d.passed - d.n) over (order by d.n) as slot from dayed d where d.n is not null
    ), dated as (
      select u.*, max(u.with_room) over (order by u.slot, u.id nulls first) as to_day
        from (select s.*, null::date as with_room from slotted s
              union all select null, null, null, null, d.slots_before, d.day from days d where d.room > 0) u
    ), shifted as (
      select t.id, t.due, t.timezone, t.day, t.to_day, case when t.to_day = t.day then t.due else (
               select min(m.at) from (select ((t.due at time zone t.timezone) + make_interval(days => t.to_day - t.day + k)) at time zone t.timezone as at
                                        from generate_series(-1, 2) as k) m
                where (m.at at time zone p_timezone)::date >= t.to_day) end as at
        from dated t where t.id is not null
    ), timed as (
      select s.id, s.timezone, s.to_day,
             case when p_hours is null or s.to_day = s.day then s.at
                  when (b.at at time zone p_timezone)::date > s.to_day and (b.opening at time zone p_timezone)::date = s.to_day then b.opening
                  else coalesce(b.at, s.at) end as due
        from shifted s
        left join lateral (select public.next_business_time(s.at, p_hours, s.timezone) as at,
                                  public.next_business_time(s.to_day::timestamp at time zone p_timezone, p_hours, s.timezone) as opening
                            where p_hours is not null and s.to_day <> s.day) b on true -- a day that closes before its time of day: at its opening
      union all select j.id, j.timezone, j.day, j.due from judged j where j.fits
    )
    select coalesce(array_agg(row(t.id, t.due, t.timezone)::public.first_step) filter (where (t.due at time zone p_timezone)::date = t.to_day), '{}'),
           coalesce(array_agg(row(t.id, t.due, t.timezone)::public.first_step) filter (where (t.due at time zone p_timezone)::date <> t.to_day), '{}')
      into moved, open from timed t;
    insert into public.drip_first_steps as f (organization_id, campaign_id, date, planned)
    select p_organization_id, p_campaign_id, (m.due at time zone p_timezone)::date, count(*) from unnest(moved) m group by 3
    on conflict (campaign_id, date, organization_id) do update set planned = f.planned + excluded.planned;
    placed := placed || moved;
  end loop;
  return placed;
end $$;
revoke execute on function place_first_steps(uuid, uuid, integer, text, jsonb, first_step[]) from public;

-- The step that comes next for each enrollment that has none open, and when. step_id null: there is none, it is completed.
-- Look-ups with a limit (by a whole key) or an offset (by the id alone), not joins: fresh tables have no statistics, and the planner would
-- hold all contacts against all enrollments, or read everybody in a drip to find some.
create type drip_step_plan as (id uuid, organization_id uuid, campaign_id uuid, contact_id uuid, settings jsonb, home text, timezone text, hours jsonb,
                               step_id uuid, step_order integer, is_first boolean, due timestamptz, gap_shift interval);
create function next_drip_steps(enrollment_ids uuid[]) returns setof drip_step_plan language sql stable set search_path = 'public' as $$
  with wanted as materialized (
    select e.* from (select distinct w.id from unnest(enrollment_ids) w(id)) w
     cross join lateral (select * from drip_enrollments e where e.id = w.id offset 0) e
     where e.status = 'active'
  )
  select e.id, e.organization_id, e.campaign_id, e.contact_id, c.settings, o.timezone, z.timezone, h.hours, s.id, s.step_order, e.current_step_order = 0,
         b.at, case when b.at = t.due then t.gap_shift else interval '0' end
    from wanted e
    cross join lateral (select c.settings from drip_campaigns c
                         where c.id = e.campaign_id and c.organization_id = e.organization_id and c.status in ('active', 'paused') limit 1) c
    cross join lateral (select o.timezone, o.business_hours from organizations o where o.id = e.organization_id limit 1) o
    cross join lateral (select k.timezone from contacts k where k.id = e.contact_id and k.organization_id = e.organization_id limit 1) k
    cross join lateral (select coalesce(k.timezone, o.timezone) as timezone) z
    cross join lateral (select case when (c.settings ->> 'respectBusinessHours')::boolean then o.business_hours end as hours) h
    left join lateral (select l.* from drip_message_logs l where l.enrollment_id = e.id and l.organization_id = e.organization_id
                        order by l.step_order desc limit 1) l on true
    left join lateral (select s.* from drip_campaign_steps s
                        where s.campaign_id = e.campaign_id and s.version = e.version and s.organization_id = e.organization_id
                          and s.step_order > e.current_step_order
                        order by s.step_order limit 1) s on true
    left join lateral next_step_time(coalesce(l.sent_at, case when l.status = 'unknown' then l.dispatched_at end, adsapp_now()),
                                     coalesce(l.gap_shift, '0'), s.delay_type, s.delay_value, s.send_at, z.timezone) t on s.id is not null
    left join lateral (select case when h.hours is null then t.due else coalesce(next_business_time(t.due, h.hours, z.timezone), t.due) end as at) b on s.id is not null
    left join lateral (select x.id from drip_message_logs x
                        where x.enrollment_id = e.id and x.organization_id = e.organization_id
                          and (x.status in ('pending', 'dispatching')
                               or (x.status = 'unknown' and not adsapp_is_held(c.settings ->> 'onUnknown', x.attempts, x.max_attempts, x.dispatched_at))) limit 1) x on true
   where x.id is null
$$;
revoke execute on function next_drip_steps(uuid[]) from public;

-- Each step with the time that was placed for it. United and grouped, never joined: to the planner both arrays are ten rows, and it
-- would compare each with each.
create function united(steps drip_step_plan[], placed first_step[]) returns table (step drip_step_plan, due timestamptz)
language sql immutable set search_path = 'public' as $$
  select (array_agg(b.step) filter (where b.is_step))[1], max(b.due)
    from (select s.id, row(s.*)::drip_step_plan as step, true as is_step, null::timestamptz as due from unnest(steps) s
          union all select p.id, null, false, p.due from unnest(placed) p) b
   group by b.id
$$;

-- Plans the next step of each enrollment that has none open; one without a further step is completed. Counts from when the step
-- before was sent, or, when it was not, from now. Calling it twice plans nothing twice. @returns how many it planned or completed
create function plan_drip_steps(enrollment_ids uuid[]) returns integer language plpgsql security definer set search_path = '' as $$
declare
  steps public.drip_step_plan[];
  firsts public.first_step[] := '{}';
  capped record;
  n integer;
begin
  perform from public.drip_campaigns c
    where c.settings ? 'maxContactsPerDay'
      and c.id in (select e.campaign_id from unnest(enrollment_ids) w(id)
                    cross join lateral (select e.campaign_id, e.current_step_order from public.drip_enrollments e where e.id = w.id offset 0) e
                    where e.current_step_order = 0)
    order by c.id for no key update;
  perform public.lock_drip_enrollments(enrollment_ids);
  steps := array(select row(f.*)::public.drip_step_plan from public.next_drip_steps(enrollment_ids) f);
  for capped in -- one turn a drip with a cap, whatever the number of people
    select f.campaign_id, f.organization_id, f.home, f.hours, (f.settings ->> 'maxContactsPerDay')::integer as per_day,
           array_agg(row(f.id, f.due, f.timezone)::public.first_step) as people
      from unnest(steps) f
     where f.is_first and f.step_id is not null and f.settings ? 'maxContactsPerDay'
     group by f.campaign_id, f.organization_id, f.home, f.hours, f.settings
     order by f.campaign_id
  loop
    firsts := firsts || public.place_first_steps(capped.campaign_id, capped.organization_id, capped.per_day, capped.home, capped.hours, capped.people);
  end loop;
  with plan as materialized (
    select f.*, coalesce(b.due, f.due) as at, case when coalesce(b.due, f.due) = f.due then f.gap_shift else interval '0' end as shift
      from public.united(steps, firsts) b cross join lateral (select (b.step).*) f
  ), logs as (
    insert into public.drip_message_logs (organization_id, enrollment_id, campaign_id, contact_id, step_id, step_order, scheduled_for, gap_shift, next_attempt_at, max_attempts)
    select p.organization_id, p.id, p.campaign_id, p.contact_id, p.step_id, p.step_order, p.at, p.shift, p.at, coalesce((p.settings ->> 'maxAttempts')::smallint, 3)
      from plan p where p.step_id is not null
    on conflict (enrollment_id, step_order, organization_id) do nothing
  )
  update public.drip_enrollments e
     set current_step_order = coalesce(p.step_order, e.current_step_order), next_message_at = p.at,
         status = case when p.step_id is null then 'completed' else e.status end
    from plan p
   where e.id = p.id and e.organization_id = p.organization_id;
  get diagnostics n = row_count;
  return n;
end $$;
revoke execute on function plan_drip_steps(uuid[]) from public;
grant execute on function plan_drip_steps(uuid[]) to adsapp_worker;

-- May the caller work on enrollments of this organization? The role setting names the caller inside a definer function too.
create function adsapp_may_write(p_organization_id uuid) returns boolean language sql stable set search_path = 'public' as $$
  select pg_has_role(coalesce(nullif(current_setting('role'), 'none'), session_user), 'adsapp_worker', 'USAGE')
      or (p_organization_id = adsapp_organization_id() and adsapp_profile_role() <> 'viewer')
$$;

-- The set-based form of the source document's function: closes steps that are open and due as sent (its caller has sent them), then
-- plans the next ones. A step that is not due yet stays as it is.
create function schedule_next_drip_messages(enrollment_ids uuid[]) returns integer language plpgsql security definer set search_path = '' as $$
declare
  mine constant uuid[] := array(select e.id from unnest(enrollment_ids) w(id)
                                  cross join lateral (select e.id, e.organization_id from public.drip_enrollments e where e.id = w.id offset 0) e
                                  where public.adsapp_may_write(e.organization_id));
  closed integer;
begin
  perform public.lock_drip_enrollments(mine);
  update public.drip_message_logs l
     set status = 'sent', sent_at = public.adsapp_now(), dispatched_at = public.adsapp_now(), attempts = greatest(l.attempts, 1), next_attempt_at = null,
         counted_on = (public.adsapp_now() at time zone o.timezone)::date
    from public.organizations o, public.drip_enrollments e
   where o.id = l.organization_id and l.enrollment_id = any (mine) and l.status = 'pending' and l.scheduled_for <= public.adsapp_now()
     and e.id = l.enrollment_id and e.organization_id = l.organization_id and e.status = 'active';
  get diagnostics closed = row_count; -- what follows on these is planned by trigger
  return closed + public.plan_drip_steps(mine);
end $$;
revoke execute on function schedule_next_drip_messages(uuid[]) from public;
grant execute on function schedule_next_drip_messages(uuid[]) to adsapp_worker, adsapp_operator;

create function schedule_next_drip_message(enrollment_id uuid) returns timestamptz language plpgsql security definer set search_path = '' as $$
declare
  due timestamptz;
begin
  if not exists (select from public.drip_enrollments e where e.id = enrollment_id and public.adsapp_may_write(e.organization_id)) then
    raise no_data_found using message = 'no such enrollment';
  end if;
  perform public.schedule_next_drip_messages(array[enrollment_id]);
  select e.next_message_at into due from public.drip_enrollments e where e.id = enrollment_id;
  return due;
end $$;
revoke execute on function schedule_next_drip_message(uuid) from public;
grant execute on function schedule_next_drip_message(uuid) to adsapp_worker, adsapp_operator;
comment on function schedule_next_drip_message(uuid) is 'plans the next step of an enrollment; returns when it is due, null when there is none';
