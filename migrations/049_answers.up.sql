-- Which message of ours each message of a person answers is kept, so that it can be said anew when more is known: by webhooks a message comes to be
-- known, to have failed or to have arrived in any order with its answers, and two contacts come to be one.

alter table messages
  add column answers uuid,
  add constraint only_people_answer check (answers is null or direction = 'inbound');
create index messages_answers_idx on messages (answers) where answers is not null; -- when a message was answered first
comment on column messages.answers is 'inbound: the message of ours that it answers, by adsapp_answered(); no key: its row is of the same contact, or of one that became the same';

-- What somebody answers who writes at p_at: the message that they name, else the last campaign message of 7 days that did not fail. Meta's
-- times are whole seconds: an answer may seem to come within the second before.
create function adsapp_answered(p_organization_id uuid, p_contact_id uuid, p_named text, p_at timestamptz)
returns table (id uuid, organization_id uuid, job_id uuid, log_id uuid, provider_message_id text, sent_at timestamptz)
language sql stable parallel safe as $$
  select m.id, m.organization_id, m.bulk_message_job_id, m.drip_message_log_id, m.provider_message_id, m.sent_at
    from public.messages m
   where m.contact_id = p_contact_id and m.organization_id = p_organization_id and m.direction = 'outbound'
     and (m.provider_message_id = p_named
          or (coalesce(m.bulk_message_job_id, m.drip_message_log_id) is not null and m.status in ('sent', 'delivered', 'read')
              and m.sent_at < p_at + interval '1 second' and m.sent_at >= p_at - interval '7 days'))
   order by coalesce(m.provider_message_id = p_named, false) desc, m.sent_at desc, m.id limit 1
$$;

alter table messages no force row level security;
update messages i set answers = t.id
  from messages n cross join lateral adsapp_answered(n.organization_id, n.contact_id, n.payload #>> '{context,id}', n.received_at) t
 where n.direction = 'inbound' and (n.type <> 'system' or n.consent is not null) and i.id = n.id and i.organization_id = n.organization_id;
alter table messages force row level security;

-- As in 021, of these first messages of conversations; what is right already stays.
create function attribute_conversations(firsts uuid[]) returns void language plpgsql security definer set search_path = '' as $$
begin
  perform public.make_fallback_sources(array(select distinct m.organization_id from public.messages m where m.id = any (firsts)));
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
          from public.adsapp_answered(m.organization_id, m.contact_id, m.payload #>> '{context,id}', m.received_at) o
          left join public.bulk_message_jobs j on j.id = o.job_id and j.organization_id = o.organization_id
          left join public.drip_message_logs l on l.id = o.log_id and l.organization_id = o.organization_id) t on true
  )
  update public.conversations c set channel_source_id = f.source_id
    from found f where c.id = f.conversation_id and c.organization_id = f.organization_id and c.channel_source_id is distinct from f.source_id and f.source_id is not null;
end $$;
revoke execute on function attribute_conversations(uuid[]) from public;
grant execute on function attribute_conversations(uuid[]) to adsapp_worker;

create or replace function tg_messages__attribute() returns trigger language plpgsql security definer set search_path = '' as $$
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
  if firsts <> '{}' then
    perform public.attribute_conversations(firsts);
  end if;
  return null;
end $$;
