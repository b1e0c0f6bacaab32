-- The heartbeat of ticks, who did what, and the hours in which a message may go out.

create table tick_runs (
  id uuid primary key default gen_random_uuid(),
  host text not null,
  pid integer not null,
  started_at timestamptz not null default adsapp_now(),
  finished_at timestamptz,
  counts jsonb not null default '{}',
  error text
);
create index tick_runs_started_idx on tick_runs (started_at desc);
comment on table tick_runs is 'one row a tick: a gap in the minutes is a cron that did not run. Not a tenant''s table';
alter table tick_runs enable row level security;
alter table tick_runs force row level security;
create policy "Workers keep the heartbeat" on tick_runs for all to adsapp_worker using (true) with check (true);
grant select, insert, update on tick_runs to adsapp_worker;

create table audit_log (
  id bigint generated always as identity primary key,
  organization_id uuid not null references organizations on delete cascade,
  at timestamptz not null default adsapp_now(),
  actor uuid,
  action text not null,
  subject_type text not null,
  subject_id uuid,
  details jsonb not null default '{}'
);
create index audit_log_organization_idx on audit_log (organization_id, at desc);
comment on column audit_log.actor is 'auth.uid() of who did it; null: the worker or the owner';
alter table audit_log enable row level security;
alter table audit_log force row level security;
create policy "Users can see the audit log of their org" on audit_log for select to adsapp_operator
  using (organization_id = (select adsapp_organization_id()));
create policy "Workers serve all organizations" on audit_log for all to adsapp_worker using (true) with check (true);
grant select on audit_log to adsapp_operator;
grant select, insert on audit_log to adsapp_worker;

-- Row triggers, on tables where people change few rows; WHEN keeps the counters' and claims' updates out. Arguments: the only
-- columns of which values are written down.
create function tg_audit() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  was constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  now constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  subject constant jsonb := coalesce(now, was);
  organization constant uuid := coalesce(subject ->> 'organization_id', subject ->> 'id')::uuid;
  details jsonb := jsonb_strip_nulls(jsonb_build_object('name', coalesce(subject ->> 'name', subject ->> 'email', subject ->> 'file_name')));
begin
  if tg_op = 'UPDATE' then
    select jsonb_object_agg(n.key, jsonb_build_array(was -> n.key, n.value)) into details
      from jsonb_each(now) n
     where n.value is distinct from was -> n.key
       and n.key not in ('statistics', 'updated_at', 'lane_token', 'lane_holder', 'lane_expires_at')
       and (tg_nargs = 0 or n.key = any (tg_argv));
  end if;
  if details is not null then
    insert into public.audit_log (organization_id, actor, action, subject_type, subject_id, details)
    select organization, auth.uid(), lower(tg_op), tg_table_name, (subject ->> 'id')::uuid, details
     where exists (select from public.organizations o where o.id = organization); -- not when it goes with its organization
  end if;
  return null;
end $$;
revoke execute on function tg_audit() from public;

create trigger _900_audit after insert or update on organizations for each row execute function tg_audit();
create trigger _900_audit after insert or update or delete on profiles for each row execute function tg_audit();
create trigger _900_audit after insert or delete on senders for each row execute function tg_audit();
create trigger _910_audit after update on senders for each row
  when ((old.state, old.api_url, old.phone_number_id, old.token_env, old.token_file, old.throughput_per_second, old.is_default, old.name, old.portfolio_id, old.waba_id, old.app_secret_env)
        is distinct from (new.state, new.api_url, new.phone_number_id, new.token_env, new.token_file, new.throughput_per_second, new.is_default, new.name, new.portfolio_id, new.waba_id, new.app_secret_env))
  execute function tg_audit();
create trigger _900_audit after insert or delete on bulk_campaigns for each row execute function tg_audit();
create trigger _910_audit after update on bulk_campaigns for each row
  when ((old.status, old.name, old.type, old.message, old.target_audience, old.scheduling, old.rate_limiting, old.settings, old.sender_id)
        is distinct from (new.status, new.name, new.type, new.message, new.target_audience, new.scheduling, new.rate_limiting, new.settings, new.sender_id))
  execute function tg_audit();
create trigger _900_audit after insert or update or delete on message_templates for each row execute function tg_audit();
create trigger _910_audit after update on contacts for each row
  when ((old.opted_out_at, old.opted_in_at, old.blocked_at, old.erased_at) is distinct from (new.opted_out_at, new.opted_in_at, new.blocked_at, new.erased_at))
  execute function tg_audit('opted_in_at', 'opt_in_source', 'opted_out_at', 'opt_out_source', 'blocked_at', 'erased_at'); -- the log outlives an erased person's data

-- Local hours. Windows may run over midnight; a day of `holidays` has none. No hours set: always open. Null: never within a year.
create function next_business_time(p_at timestamptz, p_hours jsonb, p_timezone text) returns timestamptz
language plpgsql stable parallel safe set search_path = '' as $$
declare
  days constant text[] := array['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
  today constant date := (p_at at time zone p_timezone)::date;
  day date;
  hours jsonb;
  opens timestamptz;
  closes timestamptz;
  best timestamptz;
begin
  if not exists (select from jsonb_each(p_hours) h where h.key = any (days) and jsonb_array_length(h.value) > 0) then
    return p_at;
  end if;
  for i in -1 .. 370 loop -- from yesterday: its window may run over midnight
    day := today + i;
    continue when coalesce(p_hours -> 'holidays', '[]') ? day::text;
    best := null;
    for hours in select jsonb_array_elements(p_hours -> days[extract(dow from day)::int + 1]) loop
      opens := (day + (hours ->> 0)::time) at time zone p_timezone;
      closes := (day + (hours ->> 1)::time + case when (hours ->> 1)::time <= (hours ->> 0)::time then interval '1 day' else interval '0' end) at time zone p_timezone;
      if closes > p_at and opens < closes then -- a window that a clock change swallows is none
        best := least(best, greatest(opens, p_at));
      end if;
    end loop;
    if best is not null then
      return best;
    end if;
  end loop;
  return null;
end $$;

-- `quietHours: ["22:00", "08:00"]`: p_at itself when it is not quiet then, else the first end of the quiet that is not quiet itself
-- (a clock change can swallow the loud hours of a day).
create function next_loud_time(p_at timestamptz, p_from time, p_to time, p_timezone text) returns timestamptz
language sql stable parallel safe as $$
  select min(c.at)
    from (select p_at as at
          union all
          select ((p_at at time zone p_timezone)::date + n + p_to) at time zone p_timezone from generate_series(0, 2) n) c
   cross join lateral (select (c.at at time zone p_timezone)::time as t) l
   where c.at >= p_at
     and not coalesce(case when p_from < p_to then l.t >= p_from and l.t < p_to
                           when p_from > p_to then l.t >= p_from or l.t < p_to end, false)
$$;
