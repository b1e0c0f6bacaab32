-- The life of an enrollment, whoever writes: entering plans, leaving closes what waits, pausing stops the clock.

create function tg_drip_enrollments__stamp() returns trigger language plpgsql set search_path = '' as $$
begin
  if new.status in ('completed', 'dropped', 'opted_out') then
    new.ended_at := coalesce(old.ended_at, public.adsapp_now());
    new.next_message_at := null;
    new.paused_at := null;
  elsif new.status = 'paused' then
    new.ended_at := null;
    new.paused_at := public.adsapp_now();
  else
    new.ended_at := null;
    new.paused_at := null;
  end if;
  return new;
end $$;
create trigger _200_stamp before update on drip_enrollments for each row
  when (new.status is distinct from old.status) execute function tg_drip_enrollments__stamp();

-- What waited while time stood still is moved by that time; then it gets its local time and the hours of business again, and a first
-- step a day with room, so that nothing bursts. gaps: one for each enrollment.
create function shift_drip_steps(enrollment_ids uuid[], gaps interval[]) returns void language plpgsql security definer set search_path = '' as $$
declare
  steps public.drip_step_plan[];
  firsts public.first_step[] := '{}';
  capped record;
begin
  steps := array(
    select row(e.id, e.organization_id, e.campaign_id, e.contact_id, c.settings, o.timezone, z.timezone, h.hours,
               l.step_id, l.step_order, l.step_order = f.step_order, public.next_step_hour(e.next_message_at + g.gap, s.send_at, h.hours, z.timezone),
               interval '0')::public.drip_step_plan
      from unnest(enrollment_ids, gaps) g(id, gap)
      cross join lateral (select e.* from public.drip_enrollments e where e.id = g.id offset 0) e -- by its key alone, not by what waits
      cross join lateral (select c.settings from public.drip_campaigns c where c.id = e.campaign_id and c.organization_id = e.organization_id limit 1) c
      cross join lateral (select o.timezone, o.business_hours from public.organizations o where o.id = e.organization_id limit 1) o
      cross join lateral (select k.timezone from public.contacts k where k.id = e.contact_id and k.organization_id = e.organization_id limit 1) k
      cross join lateral (select l.* from public.drip_message_logs l
                           where l.enrollment_id = e.id and l.organization_id = e.organization_id and l.status = 'pending' limit 1) l
      cross join lateral (select s.send_at from public.drip_campaign_steps s where s.id = l.step_id and s.organization_id = l.organization_id limit 1) s
      cross join lateral (select coalesce(k.timezone, o.timezone) as timezone) z
      cross join lateral (select case when (c.settings ->> 'respectBusinessHours')::boolean then o.business_hours end as hours) h
      cross join lateral (select x.* from public.drip_message_logs x where x.enrollment_id = e.id and x.organization_id = e.organization_id
                           order by x.step_order limit 1) f
     where e.status = 'active' and e.next_message_at is not null);
  for capped in
    select s.campaign_id, s.organization_id, s.home, s.hours, (s.settings ->> 'maxContactsPerDay')::integer as per_day,
           array_agg(row(s.id, s.due, s.timezone)::public.first_step) as people, array_agg(s.id) as ids
      from unnest(steps) s where s.is_first and s.settings ? 'maxContactsPerDay'
     group by s.campaign_id, s.organization_id, s.home, s.hours, s.settings order by s.campaign_id
  loop
    perform from public.drip_campaigns c where c.id = capped.campaign_id for no key update;
    update public.drip_first_steps f set planned = f.planned - g.n -- their old days are free again
      from (select (l.scheduled_for at time zone capped.home)::date as date, count(*) as n
              from public.drip_message_logs l where l.enrollment_id = any (capped.ids) and l.status = 'pending' group by 1) g
     where f.campaign_id = capped.campaign_id and f.organization_id = capped.organization_id and f.date = g.date;
    firsts := firsts || public.place_first_steps(capped.campaign_id, capped.organization_id, capped.per_day, capped.home, capped.hours, capped.people);
  end loop;
  update public.drip_enrollments e
     set next_message_at = coalesce(b.due, (b.step).due)
    from public.united(steps, firsts) b
   where e.id = (b.step).id and e.organization_id = (b.step).organization_id;
end $$;
revoke execute on function shift_drip_steps(uuid[], interval[]) from public;

create function tg_drip_enrollments__enter() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  people constant uuid[] := array(select a.id from added a where a.ended_at is null); -- the planner takes `added` for one row: never join it
begin
  if exists (select from public.drip_campaigns c where c.status = 'archived' and c.id in (select a.campaign_id from added a)) then
    update public.drip_enrollments e set status = 'dropped', exit_reason = 'archived'
     where e.id = any (people) and (select c.status from public.drip_campaigns c where c.id = e.campaign_id and c.organization_id = e.organization_id) = 'archived';
  end if;
  perform public.plan_drip_steps(people);
  return null;
end $$;
revoke execute on function tg_drip_enrollments__enter() from public;
create trigger _300_enter after insert on drip_enrollments referencing new table as added
  for each statement execute function tg_drip_enrollments__enter();

-- The open log follows its enrollment. The transition tables are united with signs and grouped, never joined.
create function tg_drip_enrollments__follow() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  resumed uuid[];
  gaps interval[];
begin
  if not exists (select a.id, a.status, a.next_message_at from added a except select r.id, r.status, r.next_message_at from removed r) then
    return null; -- counters moved, nothing else
  end if;
  with moved as materialized (
    select s.id, s.organization_id, s.campaign_id, max(s.status) filter (where s.sign = 1) as status, max(s.status) filter (where s.sign = -1) as was,
           max(s.exit_reason) filter (where s.sign = 1) as exit_reason, max(s.next_message_at) filter (where s.sign = 1) as at,
           max(s.next_message_at) filter (where s.sign = -1) as was_at, max(s.paused_at) filter (where s.sign = -1) as was_paused_at
      from (select 1 as sign, a.id, a.organization_id, a.campaign_id, a.status, a.exit_reason, a.next_message_at, a.paused_at from added a
            union all select -1, r.id, r.organization_id, r.campaign_id, r.status, r.exit_reason, r.next_message_at, r.paused_at from removed r) s
     group by s.id, s.organization_id, s.campaign_id
    having max(s.status) filter (where s.sign = 1) <> max(s.status) filter (where s.sign = -1)
        or max(s.next_message_at) filter (where s.sign = 1) is distinct from max(s.next_message_at) filter (where s.sign = -1)
  ), followed as (
    update public.drip_message_logs l
       set status = case when m.status in ('active', 'paused') then l.status else 'skipped' end,
           skip_reason = case when m.status not in ('active', 'paused') then coalesce(m.exit_reason, m.status) end,
           scheduled_for = case when m.status = 'active' and l.attempts = 0 then coalesce(m.at, l.scheduled_for) else l.scheduled_for end,
           gap_shift = case when m.status = 'active' and l.attempts = 0 and m.at <> l.scheduled_for then interval '0' else l.gap_shift end,
           next_attempt_at = case when m.status = 'active' then greatest(m.at, case when l.attempts > 0 then l.next_attempt_at end) end
      from moved m
     where l.enrollment_id = m.id and l.organization_id = m.organization_id and l.status = 'pending'
       and (m.status <> 'active' or m.was <> 'active' or m.at is distinct from l.scheduled_for)
  )
  select array_agg(m.id), array_agg(greatest(case when c.status = 'paused' then c.paused_at else public.adsapp_now() end - m.was_paused_at, '0'))
    into resumed, gaps -- while the drip is paused, its own resume adds what came after
    from moved m
    join public.drip_campaigns c on c.id = m.campaign_id and c.organization_id = m.organization_id
   where m.status = 'active' and m.was <> 'active';
  if resumed is not null then
    perform public.shift_drip_steps(resumed, gaps);
    perform public.plan_drip_steps(resumed);
  end if;
  return null;
end $$;
revoke execute on function tg_drip_enrollments__follow() from public;
create trigger _300_follow after update on drip_enrollments referencing new table as added old table as removed
  for each statement execute function tg_drip_enrollments__follow();

-- Pausing a drip is one row; resuming it moves every step that waits by the time that was lost.
create function tg_drip_campaigns__stamp() returns trigger language plpgsql set search_path = '' as $$
begin
  new.paused_at := case when new.status = 'paused' then coalesce(old.paused_at, public.adsapp_now()) end;
  new.pause_reason := case when new.status = 'paused' then coalesce(new.pause_reason, 'paused by a person') end;
  new.activated_at := case when new.status = 'active' then coalesce(old.activated_at, public.adsapp_now()) else old.activated_at end;
  new.archived_at := case when new.status = 'archived' then public.adsapp_now() end;
  return new;
end $$;
create trigger _200_stamp before update on drip_campaigns for each row
  when (new.status is distinct from old.status) execute function tg_drip_campaigns__stamp();

create function tg_drip_campaigns__born() returns trigger language plpgsql set search_path = '' as $$
begin
  new.activated_at := case when new.status <> 'draft' then public.adsapp_now() end;
  new.paused_at := case when new.status = 'paused' then public.adsapp_now() end;
  return new;
end $$;
create trigger _200_born before insert on drip_campaigns for each row when (new.status <> 'draft') execute function tg_drip_campaigns__born();

create function tg_drip_campaigns__follow() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  people uuid[];
begin
  perform from public.drip_enrollments e
    where e.campaign_id = new.id and e.organization_id = new.organization_id and e.ended_at is null order by e.id for no key update;
  if new.status = 'archived' then
    update public.drip_enrollments e set status = 'dropped', exit_reason = 'archived'
     where e.campaign_id = new.id and e.organization_id = new.organization_id and e.ended_at is null;
    return null;
  end if;
  people := array(select e.id from public.drip_enrollments e
                   where e.campaign_id = new.id and e.organization_id = new.organization_id and e.status = 'active' order by e.id);
  if old.status = 'paused' then
    update public.drip_enrollments e set paused_at = greatest(old.paused_at, e.enrolled_at) -- their own pause lasts on: it began with the drip's
     where e.campaign_id = new.id and e.organization_id = new.organization_id and e.status = 'paused' and e.paused_at > old.paused_at;
    perform public.shift_drip_steps(array_agg(w.id), array_agg(public.adsapp_now() - greatest(old.paused_at, w.created_at)))
       from (select e.id, coalesce(l.created_at, old.paused_at) as created_at
               from public.drip_enrollments e
               left join public.drip_message_logs l on l.enrollment_id = e.id and l.organization_id = e.organization_id and l.status = 'pending'
              where e.id = any (people)) w;
  end if;
  perform public.plan_drip_steps(people);
  return null;
end $$;
revoke execute on function tg_drip_campaigns__follow() from public;
create trigger _300_follow after update on drip_campaigns for each row
  when (new.status is distinct from old.status and new.status in ('active', 'archived')) execute function tg_drip_campaigns__follow();

-- Whoever may not be messaged any more leaves. By state, not by change: an open enrollment of such a contact must not exist.
-- (contacts outlives the drip tables in the source document's rollback: then there is nothing to do.)
create function tg_contacts__leave_drips() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  open uuid[];
begin
  if to_regclass('public.drip_enrollments') is null
     or not exists (select from added a where coalesce(a.opted_out_at, a.blocked_at, a.erased_at, a.undeliverable_at) is not null) then
    return null;
  end if;
  open := array(select e.id from public.drip_enrollments e
                 where e.contact_id in (select a.id from added a where coalesce(a.opted_out_at, a.blocked_at, a.erased_at, a.undeliverable_at) is not null)
                   and e.ended_at is null);
  if open = '{}' then
    return null;
  end if;
  perform from public.drip_campaigns c
    where c.id in (select e.campaign_id from public.drip_enrollments e where e.id = any (open)) order by c.id for no key update;
  perform from public.drip_enrollments e where e.id = any (open) order by e.id for no key update;
  update public.drip_enrollments e
     set status = case when g.reason = 'opted_out' then 'opted_out' else 'dropped' end, exit_reason = g.reason
    from public.drip_enrollments m
    join public.contacts a on a.id = m.contact_id and a.organization_id = m.organization_id
    join public.drip_campaigns c on c.id = m.campaign_id and c.organization_id = m.organization_id
    cross join lateral (select case when a.erased_at is not null then 'erased' when a.blocked_at is not null then 'blocked'
                                    when a.undeliverable_at is not null and a.undeliverable_at >= m.enrolled_at then 'undeliverable'
                                    when a.opted_out_at is not null and not coalesce((c.settings ->> 'transactional')::boolean, false) then 'opted_out' end as reason) g
   where m.id = any (open) and e.id = m.id and e.organization_id = m.organization_id and g.reason is not null;
  return null;
end $$;
revoke execute on function tg_contacts__leave_drips() from public;
create trigger _600_leave_drips after update on contacts referencing new table as added
  for each statement execute function tg_contacts__leave_drips();
