-- Who entered a drip by day, and what became of them until now: a report of days reads no enrollment.

alter table drip_enrollments add column entered_on date;
alter table organizations no force row level security;
alter table drip_enrollments no force row level security;
update drip_enrollments e set entered_on = (e.enrolled_at at time zone o.timezone)::date from organizations o where o.id = e.organization_id;
alter table organizations force row level security;
alter table drip_enrollments force row level security;
alter table drip_enrollments alter column entered_on set not null;
comment on column drip_enrollments.entered_on is 'the organization''s local day of enrolled_at, by its time zone of then';
drop index drip_enrollments_entered_idx;

create function tg_drip_enrollments__entered() returns trigger language plpgsql set search_path = '' as $$
begin
  select (new.enrolled_at at time zone o.timezone)::date into new.entered_on from public.organizations o where o.id = new.organization_id;
  return new;
end $$;
create trigger _110_entered before insert on drip_enrollments for each row
  when (new.entered_on is null) execute function tg_drip_enrollments__entered();

create table drip_entry_analytics (
  organization_id uuid not null,
  campaign_id uuid not null,
  date date not null,
  enrolled integer not null default 0,
  completed integer not null default 0,
  dropped integer not null default 0,
  opted_out integer not null default 0,
  messages_sent integer not null default 0,
  messages_delivered integer not null default 0,
  messages_read integer not null default 0,
  replies_received integer not null default 0,
  primary key (campaign_id, date, organization_id),
  constraint drip_entry_analytics_campaign_fkey foreign key (organization_id, campaign_id) references drip_campaigns (organization_id, id) on delete cascade
) with (fillfactor = 70);
create index drip_entry_analytics_organization_idx on drip_entry_analytics (organization_id, date desc); -- a report's days
comment on table drip_entry_analytics is 'the people of a drip by the local day on which they entered it: what became of them, and of all their messages, until now';
call adsapp_wall('drip_entry_analytics', 'Users can access drip entry analytics in their org');
grant select on drip_entry_analytics to adsapp_operator;
grant select, insert, update on drip_entry_analytics to adsapp_worker;

-- Under the locks of the drips, as all that counts them.
create function tg_drip_enrollments__count_entries() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  deltas public.drip_entry_analytics[];
begin
  if tg_op = 'INSERT' then
    select array_agg(row(d.*)::public.drip_entry_analytics) into deltas
      from (select a.organization_id, a.campaign_id, a.entered_on, count(*)::int, count(*) filter (where a.status = 'completed')::int, count(*) filter (where a.status = 'dropped')::int,
                   count(*) filter (where a.status = 'opted_out')::int, sum(a.messages_sent)::int, sum(a.messages_delivered)::int, sum(a.messages_read)::int, sum(a.replies_received)::int
              from added a group by 1, 2, 3) d;
  else
    select array_agg(row(d.*)::public.drip_entry_analytics) into deltas
      from (select s.organization_id, s.campaign_id, s.entered_on, 0 as enrolled, sum(s.sign * (s.status = 'completed')::int)::int as completed,
                   sum(s.sign * (s.status = 'dropped')::int)::int as dropped, sum(s.sign * (s.status = 'opted_out')::int)::int as opted_out,
                   sum(s.sign * s.messages_sent)::int as sent, sum(s.sign * s.messages_delivered)::int as delivered, sum(s.sign * s.messages_read)::int as read,
                   sum(s.sign * s.replies_received)::int as replies
              from (select 1 as sign, a.organization_id, a.campaign_id, a.entered_on, a.status, a.messages_sent, a.messages_delivered, a.messages_read, a.replies_received from added a
                    union all
                    select -1, r.organization_id, r.campaign_id, r.entered_on, r.status, r.messages_sent, r.messages_delivered, r.messages_read, r.replies_received from removed r) s
             group by 1, 2, 3) d
     where (d.completed, d.dropped, d.opted_out, d.sent, d.delivered, d.read, d.replies) <> (0, 0, 0, 0, 0, 0, 0);
  end if;
  if deltas is null then
    return null;
  end if;
  perform from public.drip_campaigns c where c.id in (select d.campaign_id from unnest(deltas) d) order by c.id for no key update;
  insert into public.drip_entry_analytics as t
  select d.* from unnest(deltas) d order by d.campaign_id, d.date
  on conflict (campaign_id, date, organization_id) do update
     set enrolled = t.enrolled + excluded.enrolled, completed = t.completed + excluded.completed, dropped = t.dropped + excluded.dropped,
         opted_out = t.opted_out + excluded.opted_out, messages_sent = t.messages_sent + excluded.messages_sent,
         messages_delivered = t.messages_delivered + excluded.messages_delivered, messages_read = t.messages_read + excluded.messages_read,
         replies_received = t.replies_received + excluded.replies_received;
  return null;
end $$;
revoke execute on function tg_drip_enrollments__count_entries() from public;
create trigger _210_entries_insert after insert on drip_enrollments referencing new table as added
  for each statement execute function tg_drip_enrollments__count_entries();
create trigger _210_entries_update after update on drip_enrollments referencing new table as added old table as removed
  for each statement execute function tg_drip_enrollments__count_entries();

-- What is there already.
alter table drip_enrollments no force row level security;
alter table drip_entry_analytics no force row level security;
insert into drip_entry_analytics
select e.organization_id, e.campaign_id, e.entered_on, count(*), count(*) filter (where e.status = 'completed'), count(*) filter (where e.status = 'dropped'),
       count(*) filter (where e.status = 'opted_out'), sum(e.messages_sent), sum(e.messages_delivered), sum(e.messages_read), sum(e.replies_received)
  from drip_enrollments e group by 1, 2, 3;
alter table drip_enrollments force row level security;
alter table drip_entry_analytics force row level security;
