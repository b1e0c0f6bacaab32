-- What comes of a drip's messages: the same state machine as a broadcast's jobs, from the same text, with other names.

-- A new key is checked by its owner, who must see the rows for that.
alter table messages no force row level security;
alter table campaign_analytics no force row level security;
alter table drip_message_logs no force row level security;
alter table drip_campaigns no force row level security;
alter table messages add constraint messages_log_fkey
  foreign key (organization_id, drip_message_log_id) references drip_message_logs (organization_id, id) on delete cascade;
create index messages_log_idx on messages (drip_message_log_id) where drip_message_log_id is not null;

alter table campaign_analytics add column drip_campaign_id uuid generated always as (case when campaign_type = 'drip' then campaign_id end) stored;
alter table campaign_analytics add constraint campaign_analytics_drip_fkey
  foreign key (organization_id, drip_campaign_id) references drip_campaigns (organization_id, id) on delete cascade;
create index campaign_analytics_drip_idx on campaign_analytics (drip_campaign_id);
comment on column campaign_analytics.drip_campaign_id is 'campaign_id as a key that is checked';
alter table messages force row level security;
alter table campaign_analytics force row level security;
alter table drip_message_logs force row level security;
alter table drip_campaigns force row level security;

comment on column lane_windows.job_ids is 'jobs of broadcasts, or logs of drips';

do $$
declare
  definition text;
begin
  foreach definition in array array[pg_get_functiondef('adsapp_count(campaign_delta[])'::regprocedure),
                                    pg_get_functiondef('tg_bulk_message_jobs__count()'::regprocedure),
                                    pg_get_functiondef('track_message_delivery()'::regprocedure)] loop
    definition := replace(definition, 'set total_targets = c.total_targets + s.targets, messages_sent', 'set messages_sent'); -- drips count people, by enrollment
    definition := replace(definition, 'adsapp_count(', 'adsapp_count_drips(');
    definition := replace(definition, 'track_message_delivery', 'track_drip_delivery');
    definition := replace(definition, 'bulk_message_job', 'drip_message_log'); -- _jobs the table, _job_id the key
    definition := replace(definition, 'bulk_campaigns', 'drip_campaigns');
    definition := replace(definition, '''bulk''', '''drip''');
    execute definition;
  end loop;
end $$;
revoke execute on function adsapp_count_drips(campaign_delta[]) from public;
revoke execute on function tg_drip_message_logs__count() from public;
revoke execute on function track_drip_delivery() from public;
create trigger _500_count_insert after insert on drip_message_logs referencing new table as added
  for each statement execute function tg_drip_message_logs__count();
create trigger _500_count_update after update on drip_message_logs referencing new table as added old table as removed
  for each statement execute function tg_drip_message_logs__count();
create trigger _510_track_drips_insert after insert on messages referencing new table as added
  for each statement execute function track_drip_delivery();
create trigger _510_track_drips_update after update on messages referencing new table as added
  for each statement execute function track_drip_delivery();

-- A message that comes back to be tried again (refused, handed back) meets its person as they are now: whoever left meanwhile gets
-- nothing more, and with whoever is paused it waits.
create function hold_drip_steps(log_ids uuid[]) returns void language sql security definer set search_path = '' as $$
  update public.drip_message_logs l
     set status = case when e.ended_at is null then l.status else 'skipped' end,
         skip_reason = case when e.ended_at is not null then coalesce(e.exit_reason, e.status) end,
         next_attempt_at = null
    from public.drip_enrollments e
   where l.id = any (log_ids) and l.status = 'pending' and e.id = l.enrollment_id and e.organization_id = l.organization_id and e.status <> 'active'
$$;
revoke execute on function hold_drip_steps(uuid[]) from public;

-- The enrollment of a log counts with it, and once its step is over the next one is planned: whoever wrote that it is over.
create function tg_drip_message_logs__next() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  over uuid[];
  back uuid[];
begin
  perform public.lock_drip_enrollments(array(select a.enrollment_id from added a));
  update public.drip_enrollments e
     set messages_sent = e.messages_sent + m.sent, messages_delivered = e.messages_delivered + m.delivered, messages_read = e.messages_read + m.read
    from (select s.enrollment_id, s.organization_id, sum(s.sign * (s.sent_at is not null)::integer)::integer as sent,
                 sum(s.sign * (s.delivered_at is not null)::integer)::integer as delivered, sum(s.sign * (s.read_at is not null)::integer)::integer as read
            from (select 1 as sign, a.enrollment_id, a.organization_id, a.sent_at, a.delivered_at, a.read_at from added a
                  union all select -1, r.enrollment_id, r.organization_id, r.sent_at, r.delivered_at, r.read_at from removed r) s
           group by s.enrollment_id, s.organization_id) m
   where e.id = m.enrollment_id and e.organization_id = m.organization_id and (m.sent, m.delivered, m.read) <> (0, 0, 0);
  select array_agg(c.enrollment_id) into over
    from (select s.id, s.enrollment_id, max(s.status) filter (where s.sign = 1) as status, max(s.status) filter (where s.sign = -1) as was
            from (select 1 as sign, a.id, a.enrollment_id, a.status from added a
                  union all select -1, r.id, r.enrollment_id, r.status from removed r) s
           group by s.id, s.enrollment_id) c
   where c.status <> c.was and c.was in ('pending', 'dispatching', 'unknown') and c.status not in ('pending', 'dispatching');
  if over is not null then
    perform public.plan_drip_steps(over);
  end if;
  back := array(select a.id from added a join public.drip_enrollments e on e.id = a.enrollment_id and e.organization_id = a.organization_id
                 where a.status = 'pending' and a.next_attempt_at is not null and e.status <> 'active');
  if back <> '{}' then -- even an update of no row would call this trigger again
    perform public.hold_drip_steps(back);
  end if;
  return null;
end $$;
revoke execute on function tg_drip_message_logs__next() from public;
create trigger _600_next after update on drip_message_logs referencing new table as added old table as removed
  for each statement execute function tg_drip_message_logs__next();

-- How many people are in a drip, and how it ended for the others.
create function adsapp_count_people(p_campaign_ids uuid[], p_statuses text[], p_signs integer[]) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.drip_campaigns c where c.id = any (p_campaign_ids) order by c.id for no key update;
  update public.drip_campaigns c
     set enrollments_active = c.enrollments_active + d.active, enrollments_completed = c.enrollments_completed + d.completed,
         enrollments_dropped = c.enrollments_dropped + d.dropped, enrollments_opted_out = c.enrollments_opted_out + d.opted_out,
         total_enrolled = c.total_enrolled + d.everyone
    from (select w.campaign_id, sum(w.n)::integer as everyone,
                 coalesce(sum(w.n) filter (where w.status in ('active', 'paused')), 0)::integer as active,
                 coalesce(sum(w.n) filter (where w.status = 'completed'), 0)::integer as completed,
                 coalesce(sum(w.n) filter (where w.status = 'dropped'), 0)::integer as dropped,
                 coalesce(sum(w.n) filter (where w.status = 'opted_out'), 0)::integer as opted_out
            from unnest(p_campaign_ids, p_statuses, p_signs) as w(campaign_id, status, n)
           group by w.campaign_id) d
   where c.id = d.campaign_id;
end $$;
revoke execute on function adsapp_count_people(uuid[], text[], integer[]) from public;

create function update_drip_campaign_statistics() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  ids uuid[];
  statuses text[];
  counts integer[];
begin
  if tg_op = 'INSERT' then
    select array_agg(g.campaign_id), array_agg(g.status), array_agg(g.n) into ids, statuses, counts
      from (select a.campaign_id, a.status, count(*)::integer as n from added a group by 1, 2) g;
  else
    select array_agg(g.campaign_id), array_agg(g.status), array_agg(g.n) into ids, statuses, counts
      from (select s.campaign_id, s.status, sum(s.sign)::integer as n
              from (select 1 as sign, a.campaign_id, a.status from added a union all select -1, r.campaign_id, r.status from removed r) s
             group by 1, 2 having sum(s.sign) <> 0) g;
  end if;
  if ids is not null then
    perform public.adsapp_count_people(ids, statuses, counts);
  end if;
  return null;
end $$;
revoke execute on function update_drip_campaign_statistics() from public;
create trigger _200_statistics_insert after insert on drip_enrollments referencing new table as added
  for each statement execute function update_drip_campaign_statistics();
create trigger _200_statistics_update after update on drip_enrollments referencing new table as added old table as removed
  for each statement execute function update_drip_campaign_statistics();
