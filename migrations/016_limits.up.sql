-- What is enforced before Meta, or good manners, have to: whom a portfolio reached in the last 24 hours, how often a person got marketing,
-- a campaign's canary, and since when a campaign could have sent.

alter table portfolios add column reached integer constraint reached_is_a_count check (reached >= 0);
alter table portfolios add column limit_since timestamptz;
comment on column portfolios.reached is 'how many rows portfolio_reach has, moved under the lock of this row; null: to be counted anew';
comment on column portfolios.limit_since is 'since when messaging_limit is what it is, for its present senders';

create table portfolio_reach (
  organization_id uuid not null,
  portfolio_id uuid not null,
  contact_id uuid not null, -- no key: the row is gone within a day
  at timestamptz not null,
  primary key (portfolio_id, contact_id, organization_id),
  constraint portfolio_reach_portfolio_fkey foreign key (organization_id, portfolio_id) references portfolios (organization_id, id) on delete cascade
) with (fillfactor = 80);
create index portfolio_reach_at_idx on portfolio_reach (portfolio_id, at);
comment on table portfolio_reach is 'whom a portfolio with a messaging limit reached in the last 24 hours outside a service window, and when last; kept by the claim';
call adsapp_wall('portfolio_reach', 'Users can access portfolio reach in their org');
grant select on portfolio_reach to adsapp_operator;
grant select, insert, update, delete on portfolio_reach to adsapp_worker;

alter table senders add column limited_until timestamptz;
comment on column senders.limited_until is 'the messaging limit left nothing to send: the lane is not taken before';

-- A limit that is new, or of other senders, begins with a count of what they sent before it (sending/limits.sql).
create function tg_portfolios__limit_since() returns trigger language plpgsql set search_path = '' as $$
begin
  new.limit_since := public.adsapp_now();
  new.reached := null;
  return new;
end $$;
create trigger _200_limit_since before insert on portfolios for each row
  when (new.messaging_limit is not null) execute function tg_portfolios__limit_since();
create trigger _210_limit_since before update on portfolios for each row
  when (new.messaging_limit is distinct from old.messaging_limit) execute function tg_portfolios__limit_since();

create function tg_senders__portfolio() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  update public.portfolios p set limit_since = public.adsapp_now(), reached = null
   where p.id = new.portfolio_id and p.organization_id = new.organization_id;
  return null;
end $$;
revoke execute on function tg_senders__portfolio() from public;
create trigger _500_portfolio after update on senders for each row
  when (new.portfolio_id is distinct from old.portfolio_id) execute function tg_senders__portfolio();

alter table organizations add column frequency_cap_since timestamptz;
alter table organizations add constraint frequency_cap_is_sane check (
  not settings ? 'frequencyCap' or coalesce((settings #>> '{frequencyCap,messages}')::integer > 0
                                            and (settings #>> '{frequencyCap,days}')::integer between 1 and 365, false));
comment on column organizations.frequency_cap_since is 'since when settings.frequencyCap is what it is';

create table contact_touches (
  organization_id uuid not null,
  contact_id uuid not null,
  ats timestamptz[] not null,
  row_ids uuid[] not null,
  primary key (contact_id, organization_id),
  constraint contact_touches_contact_fkey foreign key (organization_id, contact_id) references contacts (organization_id, id) on delete cascade,
  constraint each_has_its_time check (cardinality(ats) = cardinality(row_ids))
) with (fillfactor = 70);
comment on table contact_touches is 'the marketing messages of a contact within the days of settings.frequencyCap; kept by the claim while there is a cap';
comment on column contact_touches.row_ids is 'jobs and logs, each once with its last attempt; the row itself says whether it may have reached the person';
call adsapp_wall('contact_touches', 'Users can access contact touches in their org');
grant select on contact_touches to adsapp_operator;
grant select, insert, update on contact_touches to adsapp_worker;

create function tg_organizations__frequency_cap_since() returns trigger language plpgsql set search_path = '' as $$
begin
  new.frequency_cap_since := public.adsapp_now();
  return new;
end $$;
create trigger _200_frequency_cap_since before insert on organizations for each row
  when (new.settings ? 'frequencyCap') execute function tg_organizations__frequency_cap_since();
create trigger _210_frequency_cap_since before update on organizations for each row
  when (new.settings -> 'frequencyCap' is distinct from old.settings -> 'frequencyCap') execute function tg_organizations__frequency_cap_since();

-- A cap begins with what was sent before it.
create function tg_organizations__touches() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  delete from public.contact_touches t where t.organization_id = new.id;
  insert into public.contact_touches (organization_id, contact_id, ats, row_ids)
  select new.id, x.contact_id, array_agg(x.at order by x.at), array_agg(x.id order by x.at)
    from (select s.contact_id, s.id, max(s.at) as at
            from (select m.contact_id, coalesce(m.bulk_message_job_id, m.drip_message_log_id) as id, m.sent_at as at
                    from public.senders n
                    join public.messages m on m.sender_id = n.id and m.organization_id = n.organization_id and m.direction = 'outbound'
                         and m.sent_at > public.adsapp_now() - (new.settings #>> '{frequencyCap,days}')::integer * interval '24 hours'
                    left join public.bulk_message_jobs j on j.id = m.bulk_message_job_id and j.organization_id = m.organization_id
                    left join public.campaign_runs r on r.campaign_id = j.campaign_id and r.occurrence = j.occurrence and r.organization_id = j.organization_id
                    left join public.drip_message_logs l on l.id = m.drip_message_log_id and l.organization_id = m.organization_id
                    left join public.drip_campaigns d on d.id = l.campaign_id and d.organization_id = l.organization_id
                   where n.organization_id = new.id and (r.marketing or not coalesce((d.settings ->> 'transactional')::boolean, d.id is null))
                  union all
                  select j.contact_id, j.id, j.dispatched_at
                    from public.bulk_message_jobs j
                    join public.campaign_runs r on r.campaign_id = j.campaign_id and r.occurrence = j.occurrence and r.organization_id = j.organization_id
                   where j.organization_id = new.id and r.marketing
                     and (j.unknown_since is not null or j.id in (select u.id from public.lane_windows w cross join lateral unnest(w.job_ids) as u(id) where w.organization_id = new.id))
                  union all
                  select l.contact_id, l.id, l.dispatched_at
                    from public.drip_message_logs l join public.drip_campaigns d on d.id = l.campaign_id and d.organization_id = l.organization_id
                   where l.organization_id = new.id and not coalesce((d.settings ->> 'transactional')::boolean, false)
                     and (l.unknown_since is not null or l.id in (select u.id from public.lane_windows w cross join lateral unnest(w.job_ids) as u(id) where w.organization_id = new.id))) s
           where s.at is not null
           group by s.contact_id, s.id) x
   group by x.contact_id;
  return null;
end $$;
revoke execute on function tg_organizations__touches() from public;
create trigger _500_touches after update on organizations for each row
  when (new.settings ? 'frequencyCap' and new.settings -> 'frequencyCap' is distinct from old.settings -> 'frequencyCap')
  execute function tg_organizations__touches();

alter table campaign_runs add column canary integer constraint canary_is_positive check (canary > 0);
alter table campaign_runs add column canary_claimed integer not null default 0;
alter table campaign_runs add column canary_at timestamptz;
alter table campaign_runs add column looked_at timestamptz;
create index campaign_runs_canary_idx on campaign_runs (campaign_id) where canary is not null; -- each tick asks
comment on column campaign_runs.canary is 'settings.canary.messages until it is known how they went; then null';
comment on column campaign_runs.canary_claimed is 'people of the canary that were dispatched to';
comment on column campaign_runs.canary_at is 'when the last of them was';
comment on column campaign_runs.looked_at is 'when a claim came by last, whatever its limits let through (maxLateness)';

alter table bulk_campaigns add column running_since timestamptz;
comment on column bulk_campaigns.running_since is 'started, or resumed by a person, last';
create function tg_bulk_campaigns__running_since() returns trigger language plpgsql set search_path = '' as $$
begin
  new.running_since := public.adsapp_now();
  return new;
end $$;
create trigger _200_running_since before insert on bulk_campaigns for each row
  when (new.status = 'running') execute function tg_bulk_campaigns__running_since();
create trigger _210_running_since before update on bulk_campaigns for each row
  when (new.status = 'running' and old.status <> 'running') execute function tg_bulk_campaigns__running_since();
