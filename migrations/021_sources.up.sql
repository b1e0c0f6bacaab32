-- Where conversations come from: a token in the text, an ad, the campaign that is answered, or nothing that tells; counted by day.

alter table senders
  add column display_phone text constraint display_phone_is_e164 check (display_phone ~ '^\+[1-9][0-9]{6,14}$');
comment on column senders.display_phone is 'the number that people dial: links need it, sending does not';
grant insert (display_phone), update (display_phone) on senders to adsapp_operator;

alter table channel_sources
  add column is_fallback boolean not null default false;
comment on column channel_sources.is_fallback is 'made by itself: takes what no other source of its type takes';
comment on column channel_sources.config is '{"text", "campaignId", "adIds": ["1202"]}: the text of its link; whose answers and ads'' people it takes';
create unique index channel_sources_one_fallback on channel_sources (organization_id, type) where is_fallback;
revoke update (type, code) on channel_sources from adsapp_operator; -- a code is printed on paper

-- The codes in a text, in the order in which they stand there: "[ref: A7K2]", and what people make of it.
create function source_codes(p_text text) returns setof text language sql immutable parallel safe as $$
  select upper(m[1]) from regexp_matches(p_text, '\mref\M[\s:.#=-]*([a-z0-9]{3,16})\M', 'gi') m
$$;

-- The fallbacks of these organizations, made where they lack. A name that is taken is not: the new one has a number.
create function make_fallback_sources(organizations uuid[]) returns void language plpgsql security definer set search_path = '' as $$
begin
  insert into public.channel_sources (organization_id, type, name, is_fallback)
  select o.id, t.type, case when exists (select from public.channel_sources s where s.organization_id = o.id and s.name = t.name)
                            then t.name || ' ' || left(gen_random_uuid()::text, 8) else t.name end, true
    from unnest(organizations) as o(id) cross join (values ('direct', 'Direct'), ('campaign', 'Campaigns')) as t(type, name)
   where not exists (select from public.channel_sources s where s.organization_id = o.id and s.type = t.type and s.is_fallback)
   order by o.id, t.type
  on conflict do nothing;
end $$;
revoke execute on function make_fallback_sources(uuid[]) from public;

-- By what the first message says: its token, else the ad that brought it, else the campaign that it answers (the message that it names,
-- else the last campaign message of 7 days), else direct.
create function tg_messages__attribute() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  firsts uuid[];
begin
  if not exists (select from added a where a.direction = 'inbound')
     or to_regclass('public.channel_sources') is null or to_regclass('public.bulk_message_jobs') is null or to_regclass('public.drip_message_logs') is null then
    return null; -- the source document's rollback
  end if;
  firsts := array(
    select distinct on (c.id) m.id
      from added a
     cross join lateral (select m.id, m.organization_id, m.conversation_id from public.messages m where m.id = a.id offset 0) m
     cross join lateral (select c.id, c.channel_source_id, c.resolved_at from public.conversations c where c.id = m.conversation_id offset 0) c
     where a.direction = 'inbound' and c.channel_source_id is null and c.resolved_at is null
     order by c.id, a.received_at, a.provider_message_id);
  if firsts = '{}' then
    return null;
  end if;
  perform public.make_fallback_sources(array(select distinct a.organization_id from added a where a.id = any (firsts)));
  with found as materialized (
    select m.conversation_id, m.organization_id, coalesce(
             (select s.id from public.source_codes(m.body) with ordinality as w(code, n)
                join public.channel_sources s on s.organization_id = m.organization_id and s.code = w.code order by w.n limit 1),
             (select s.id from public.channel_sources s
               where r.source_id is not null and s.organization_id = m.organization_id and s.config -> 'adIds' ? r.source_id order by s.created_at limit 1),
             (select s.id from public.channel_sources s
               where s.organization_id = m.organization_id and s.type = 'campaign'
                 and ((t.campaign_id is not null and s.config ->> 'campaignId' = t.campaign_id::text)
                      or (s.is_fallback and (t.campaign_id is not null or r.source_id is not null)))
               order by s.is_fallback, s.created_at limit 1),
             (select s.id from public.channel_sources s where s.organization_id = m.organization_id and s.type = 'direct' and s.is_fallback)) as source_id
      from unnest(firsts) as f(id)
     cross join lateral (select * from public.messages m where m.id = f.id offset 0) m
     cross join lateral (select m.payload #>> '{referral,source_id}' as source_id) r
      left join lateral (
        select coalesce(j.campaign_id, l.campaign_id) as campaign_id
          from (select o.bulk_message_job_id, o.drip_message_log_id, o.organization_id
                  from public.messages o
                 where o.contact_id = m.contact_id and o.organization_id = m.organization_id and o.direction = 'outbound'
                   and (o.provider_message_id = m.payload #>> '{context,id}'
                        or (coalesce(o.bulk_message_job_id, o.drip_message_log_id) is not null and o.status in ('sent', 'delivered', 'read')
                            and o.sent_at < m.received_at + interval '1 second' and o.sent_at >= m.received_at - interval '7 days'))
                 order by coalesce(o.provider_message_id = m.payload #>> '{context,id}', false) desc, o.sent_at desc, o.id limit 1) o
          left join public.bulk_message_jobs j on j.id = o.bulk_message_job_id and j.organization_id = o.organization_id
          left join public.drip_message_logs l on l.id = o.drip_message_log_id and l.organization_id = o.organization_id) t on true
  )
  update public.conversations c set channel_source_id = f.source_id
    from found f where c.id = f.conversation_id and c.organization_id = f.organization_id and f.source_id is not null;
  return null;
end $$;
revoke execute on function tg_messages__attribute() from public;
create trigger _710_attribute after insert on messages referencing new table as added
  for each statement execute function tg_messages__attribute();

-- daily_counts: what a statement changed, under the sources' row locks, in the order of their keys.
create function tg_conversations__count() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  sources uuid[];
  days date[];
  changes integer[];
begin
  if to_regclass('public.channel_sources') is null then
    return null;
  end if;
  if tg_op = 'INSERT' then
    select array_agg(d.source_id), array_agg(d.day), array_agg(d.n) into sources, days, changes
      from (select a.channel_source_id as source_id, a.opened_on as day, count(*)::int as n from added a where a.channel_source_id is not null group by 1, 2) d;
  elsif tg_op = 'DELETE' then
    select array_agg(d.source_id), array_agg(d.day), array_agg(d.n) into sources, days, changes
      from (select r.channel_source_id as source_id, r.opened_on as day, -count(*)::int as n from removed r where r.channel_source_id is not null group by 1, 2) d;
  else
    select array_agg(d.source_id), array_agg(d.day), array_agg(d.n) into sources, days, changes
      from (select s.source_id, s.day, sum(s.sign)::int as n
              from (select 1 as sign, a.channel_source_id as source_id, a.opened_on as day from added a
                    union all select -1, r.channel_source_id, r.opened_on from removed r) s
             where s.source_id is not null group by 1, 2 having sum(s.sign) <> 0) d;
  end if;
  if sources is null then
    return null;
  end if;
  perform from public.channel_sources s where s.id = any (sources) order by s.id for no key update;
  update public.channel_sources s
     set daily_counts = (select coalesce(jsonb_object_agg(x.day, x.n) filter (where x.n <> 0), '{}')
                           from (select u.day, sum(u.n) as n
                                   from (select k.key as day, k.value::int as n from jsonb_each_text(s.daily_counts) k
                                         union all select d.day::text, d.n from unnest(sources, days, changes) as d(source_id, day, n) where d.source_id = s.id) u
                                  group by u.day) x)
   where s.id = any (sources);
  return null;
end $$;
revoke execute on function tg_conversations__count() from public;
create trigger _500_count_insert after insert on conversations referencing new table as added
  for each statement execute function tg_conversations__count();
create trigger _500_count_update after update on conversations referencing new table as added old table as removed
  for each statement execute function tg_conversations__count();
create trigger _500_count_delete after delete on conversations referencing old table as removed
  for each statement execute function tg_conversations__count();
