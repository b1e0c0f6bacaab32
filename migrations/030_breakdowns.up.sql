-- What reports break the days of campaign_analytics down by: error codes, and the steps of drips. So that a report reads no message.

create table failure_analytics (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null default adsapp_organization_id(),
  campaign_id uuid not null,
  campaign_type text not null constraint campaign_type_is_known check (campaign_type in ('bulk', 'drip')),
  bulk_campaign_id uuid generated always as (case when campaign_type = 'bulk' then campaign_id end) stored,
  drip_campaign_id uuid generated always as (case when campaign_type = 'drip' then campaign_id end) stored,
  date date not null,
  error_code text not null,
  failures integer not null default 0,
  primary key (id, organization_id),
  constraint failure_analytics_day_key unique (campaign_id, date, error_code, organization_id),
  constraint failure_analytics_organization_fkey foreign key (organization_id) references organizations on delete cascade,
  constraint failure_analytics_bulk_fkey foreign key (organization_id, bulk_campaign_id) references bulk_campaigns (organization_id, id) on delete cascade,
  constraint failure_analytics_drip_fkey foreign key (organization_id, drip_campaign_id) references drip_campaigns (organization_id, id) on delete cascade
) with (fillfactor = 70);
create index failure_analytics_org_date_idx on failure_analytics (organization_id, date desc); -- a report's days
create index failure_analytics_bulk_idx on failure_analytics (bulk_campaign_id);
create index failure_analytics_drip_idx on failure_analytics (drip_campaign_id);
comment on table failure_analytics is 'messages_failed of campaign_analytics by error code; days alike';
comment on column failure_analytics.error_code is 'as jobs and logs have it; "none" where they have none';
call adsapp_wall('failure_analytics', 'Users can access failure analytics in their org');
grant select on failure_analytics to adsapp_operator;
grant select, insert, update on failure_analytics to adsapp_worker;

alter table drip_enrollments add column replies_received integer not null default 0;
create index drip_enrollments_entered_idx on drip_enrollments (campaign_id, enrolled_at); -- who entered in a report's days

-- Of jobs and logs alike. The rows of their campaigns are locked by then (_500), so batches of one campaign count one after the other.
create function tg_jobs__count_failures() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  kind text := case tg_table_name when 'bulk_message_jobs' then 'bulk' else 'drip' end;
begin
  if tg_op = 'INSERT' then
    if exists (select from added a where a.status = 'failed') then
      insert into public.failure_analytics as f (organization_id, campaign_id, campaign_type, date, error_code, failures)
      select a.organization_id, a.campaign_id, kind, a.counted_on, coalesce(a.error_code, 'none'), count(*)
        from added a where a.status = 'failed'
       group by 1, 2, 4, 5 order by 2, 4, 5
      on conflict (campaign_id, date, error_code, organization_id) do update set failures = f.failures + excluded.failures;
    end if;
  elsif exists (select from added a where a.status = 'failed') or exists (select from removed r where r.status = 'failed') then
    insert into public.failure_analytics as f (organization_id, campaign_id, campaign_type, date, error_code, failures)
    select s.organization_id, s.campaign_id, kind, s.counted_on, coalesce(s.error_code, 'none'), sum(s.sign)
      from (select 1 as sign, a.organization_id, a.campaign_id, a.counted_on, a.error_code from added a where a.status = 'failed'
            union all
            select -1, r.organization_id, r.campaign_id, r.counted_on, r.error_code from removed r where r.status = 'failed') s
     group by 1, 2, 4, 5 having sum(s.sign) <> 0 order by 2, 4, 5
    on conflict (campaign_id, date, error_code, organization_id) do update set failures = f.failures + excluded.failures;
  end if;
  return null;
end $$;
revoke execute on function tg_jobs__count_failures() from public;
create trigger _520_failures_insert after insert on bulk_message_jobs referencing new table as added
  for each statement execute function tg_jobs__count_failures();
create trigger _520_failures_update after update on bulk_message_jobs referencing new table as added old table as removed
  for each statement execute function tg_jobs__count_failures();
create trigger _520_failures_insert after insert on drip_message_logs referencing new table as added
  for each statement execute function tg_jobs__count_failures();
create trigger _520_failures_update after update on drip_message_logs referencing new table as added old table as removed
  for each statement execute function tg_jobs__count_failures();

-- A person's replies to a drip. Those of its steps by day are counted with the templates (028).
create function tg_drip_message_logs__count_replies() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  answered uuid[];
begin
  answered := array(select s.enrollment_id
                      from (select 1 as sign, a.enrollment_id from added a where a.replied_at is not null
                            union all select -1, r.enrollment_id from removed r where r.replied_at is not null) s
                     group by s.enrollment_id having sum(s.sign) <> 0);
  if answered <> '{}' then
    perform public.lock_drip_enrollments(answered);
    update public.drip_enrollments e set replies_received = e.replies_received + n.replies
      from (select s.enrollment_id, s.organization_id, sum(s.sign)::integer as replies
              from (select 1 as sign, a.enrollment_id, a.organization_id from added a where a.replied_at is not null
                    union all select -1, r.enrollment_id, r.organization_id from removed r where r.replied_at is not null) s
             group by 1, 2) n
     where e.id = n.enrollment_id and e.organization_id = n.organization_id and e.id = any (answered);
  end if;
  return null;
end $$;
revoke execute on function tg_drip_message_logs__count_replies() from public;
create trigger _530_replies_update after update on drip_message_logs referencing new table as added old table as removed
  for each statement execute function tg_drip_message_logs__count_replies();

-- What is there already.
alter table bulk_message_jobs no force row level security;
alter table drip_message_logs no force row level security;
alter table drip_enrollments no force row level security;
alter table failure_analytics no force row level security;
insert into failure_analytics (organization_id, campaign_id, campaign_type, date, error_code, failures)
select s.organization_id, s.campaign_id, s.kind, s.counted_on, coalesce(s.error_code, 'none'), count(*)
  from (select 'bulk' as kind, j.organization_id, j.campaign_id, j.counted_on, j.error_code from bulk_message_jobs j where j.status = 'failed'
        union all select 'drip', l.organization_id, l.campaign_id, l.counted_on, l.error_code from drip_message_logs l where l.status = 'failed') s
 group by 1, 2, 3, 4, 5;
update drip_enrollments e set replies_received = n.replies
  from (select l.enrollment_id, l.organization_id, count(*) as replies from drip_message_logs l where l.replied_at is not null group by 1, 2) n
 where e.id = n.enrollment_id and e.organization_id = n.organization_id;
alter table bulk_message_jobs force row level security;
alter table drip_message_logs force row level security;
alter table drip_enrollments force row level security;
alter table failure_analytics force row level security;
