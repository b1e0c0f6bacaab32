-- Prices, kept by statement triggers as the numbers of 028 are. Meta charges by the country of the phone, when it has delivered: both are
-- written down once, since phones and zones change.
create table message_pricing_analytics (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null references organizations on delete cascade,
  campaign_id uuid,
  campaign_type text constraint campaign_type_is_known check (campaign_type in ('bulk', 'drip')),
  bulk_campaign_id uuid generated always as (case when campaign_type = 'bulk' then campaign_id end) stored,
  drip_campaign_id uuid generated always as (case when campaign_type = 'drip' then campaign_id end) stored,
  date date not null,
  calling_code text,
  category text,
  pricing_type text,
  messages integer not null default 0,
  primary key (id, organization_id),
  constraint message_pricing_analytics_day_key unique nulls not distinct (campaign_id, date, calling_code, category, pricing_type, organization_id),
  constraint campaign_is_whole check ((campaign_id is null) = (campaign_type is null)),
  constraint message_pricing_analytics_bulk_fkey foreign key (organization_id, bulk_campaign_id) references bulk_campaigns (organization_id, id) on delete cascade,
  constraint message_pricing_analytics_drip_fkey foreign key (organization_id, drip_campaign_id) references drip_campaigns (organization_id, id) on delete cascade
) with (fillfactor = 70);
create index message_pricing_analytics_organization_idx on message_pricing_analytics (organization_id, date desc);
create index message_pricing_analytics_bulk_idx on message_pricing_analytics (bulk_campaign_id) where bulk_campaign_id is not null;
create index message_pricing_analytics_drip_idx on message_pricing_analytics (drip_campaign_id) where drip_campaign_id is not null;
comment on table message_pricing_analytics is 'delivered messages of which Meta told the price, by the local day on which they were sent: times a rate card, what they cost';
comment on column message_pricing_analytics.campaign_id is 'null: agents'' answers, confirmations, tests';
comment on column message_pricing_analytics.calling_code is 'of the phone when it was delivered, as Meta''s rate cards go; null: known by a user id only';
comment on column message_pricing_analytics.pricing_type is 'Meta''s word: regular is charged, free_customer_service and free_entry_point are not';
call adsapp_wall('message_pricing_analytics', 'Users can access message pricing in their org');
grant select on message_pricing_analytics to adsapp_operator;
grant select, insert, update on message_pricing_analytics to adsapp_worker;

alter table messages
  add column priced_on date,
  add column calling_code text;
comment on column messages.priced_on is 'outbound, once delivered and priced by Meta: the local day on which it was sent';
comment on column messages.calling_code is 'of the contact''s phone then';

-- ITU-T E.164 has one assignment a prefix: zones 1 and 7, these of two digits, and all others of three.
create function adsapp_calling_code(p_phone text) returns text language sql immutable parallel safe as $$
  select coalesce(substring(p_phone from '^\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])'), substring(p_phone from '^\+([0-9]{3})'))
$$;

create function tg_messages__price() returns trigger language plpgsql set search_path = '' as $$
begin
  select (new.sent_at at time zone o.timezone)::date, public.adsapp_calling_code(c.phone) into new.priced_on, new.calling_code
    from public.organizations o, public.contacts c
   where o.id = new.organization_id and c.id = new.contact_id and c.organization_id = new.organization_id;
  return new;
end $$;
create trigger _310_price before insert or update on messages for each row
  when (new.pricing is not null and new.delivered_at is not null and new.priced_on is null and new.direction = 'outbound')
  execute function tg_messages__price();

-- Summed by message first: most statements change no price, and then nothing is looked up.
create function tg_messages__count_prices() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  ids uuid[];
begin
  if not exists (select from added a where a.priced_on is not null) or to_regclass('public.message_pricing_analytics') is null
     or to_regclass('public.bulk_campaigns') is null or to_regclass('public.drip_campaigns') is null then -- the source document's rollback
    return null;
  end if;
  if tg_op = 'INSERT' then
    ids := array(select a.id from added a where a.priced_on is not null);
  else
    ids := array(select s.id from (select 1 as sign, a.id from added a where a.priced_on is not null
                                   union all select -1, r.id from removed r where r.priced_on is not null) s
                  group by s.id having sum(s.sign) <> 0);
  end if;
  if ids = '{}' then
    return null;
  end if;
  with priced as materialized (
    select m.id, m.organization_id, m.priced_on, m.calling_code, m.pricing ->> 'category' as category, m.pricing ->> 'type' as pricing_type,
           coalesce((select j.campaign_id from public.bulk_message_jobs j where j.id = m.bulk_message_job_id and j.organization_id = m.organization_id),
                    (select l.campaign_id from public.drip_message_logs l where l.id = m.drip_message_log_id and l.organization_id = m.organization_id)) as campaign_id,
           case when m.bulk_message_job_id is not null then 'bulk' when m.drip_message_log_id is not null then 'drip' end as campaign_type
      from added m where m.id = any (ids)
  ), broadcasts as materialized (
    select count(*) as n from (select c.id from public.bulk_campaigns c where c.id in (select p.campaign_id from priced p where p.campaign_type = 'bulk') order by c.id for no key update) b
  ), drips as materialized (
    select count(*) as n from (select c.id from public.drip_campaigns c, broadcasts where broadcasts.n >= 0 and c.id in (select p.campaign_id from priced p where p.campaign_type = 'drip')
                                order by c.id for no key update of c) d
  ), direct as materialized ( -- of no campaign: what a rebuild waits for (src/analytics/rebuild.sql)
    select count(pg_advisory_xact_lock_shared(hashtextextended('adsapp prices ' || o.organization_id, 0))) as n
      from (select distinct p.organization_id from priced p, drips where p.campaign_type is null and drips.n >= 0 order by 1) o
  )
  insert into public.message_pricing_analytics as a (organization_id, campaign_id, campaign_type, date, calling_code, category, pricing_type, messages)
  select p.organization_id, p.campaign_id, p.campaign_type, p.priced_on, p.calling_code, p.category, p.pricing_type, count(*)
    from priced p, drips, direct where drips.n >= 0 and direct.n >= 0
   group by 1, 2, 3, 4, 5, 6, 7
   order by p.campaign_id, p.priced_on, p.calling_code, p.category, p.pricing_type
  on conflict (campaign_id, date, calling_code, category, pricing_type, organization_id) do update set messages = a.messages + excluded.messages;
  return null;
end $$;
revoke execute on function tg_messages__count_prices() from public;
create trigger _590_count_prices_insert after insert on messages referencing new table as added
  for each statement execute function tg_messages__count_prices();
create trigger _590_count_prices_update after update on messages referencing new table as added old table as removed
  for each statement execute function tg_messages__count_prices();
