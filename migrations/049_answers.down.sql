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
drop function attribute_conversations(uuid[]);
drop function adsapp_answered(uuid, uuid, text, timestamptz);
drop index messages_answers_idx;
alter table messages drop constraint only_people_answer;
alter table messages drop column answers;
