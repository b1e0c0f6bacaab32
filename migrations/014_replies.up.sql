-- What people write back: when, what it says about consent, and which message it answers. A reply ends a drip that stops on replies.

alter table messages
  add column received_at timestamptz,
  add column replied_at timestamptz,
  add column consent text constraint consent_is_known check (consent in ('opt_out', 'opt_in')),
  add constraint only_people_consent check (consent is null or direction = 'inbound');
comment on column messages.received_at is 'inbound: when the person sent it, by Meta''s clock';
comment on column messages.replied_at is 'outbound: when the first answer to it was sent';
comment on column messages.consent is 'inbound: what it says about marketing. An opt-out is no reply';

-- What a person wrote, or tapped: a reaction, news of the number and what Meta cannot show are no replies.
create function adsapp_is_reply(p_type text) returns boolean language sql immutable parallel safe as $$
  select p_type not in ('reaction', 'system', 'unsupported')
$$;

create function tg_messages__received() returns trigger language plpgsql set search_path = '' as $$
begin
  new.received_at := public.adsapp_now();
  return new;
end $$;
create trigger _300_received before insert on messages for each row
  when (new.direction = 'inbound' and new.received_at is null) execute function tg_messages__received();

-- Whoever answers leaves the drips that stop on replies (the default), once a step of theirs went out: from its dispatch on, since an
-- answer can be faster than the news of it. Meta's times are whole seconds, so the same second counts as later.
-- A STOP is an opt-out (that ends marketing drips elsewhere); a transactional drip takes it for a reply.
-- (messages outlives the drip tables in the source document's rollback: then there is nothing to do.)
create function tg_messages__stop_on_reply() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  answered uuid[];
begin
  if to_regclass('public.drip_enrollments') is null
     or not exists (select from added a where a.direction = 'inbound' and public.adsapp_is_reply(a.type)) then
    return null;
  end if;
  answered := array(
    select e.id
      from added a
      join public.drip_enrollments e on e.contact_id = a.contact_id and e.organization_id = a.organization_id and e.ended_at is null
      join public.drip_campaigns c on c.id = e.campaign_id and c.organization_id = e.organization_id
     where a.direction = 'inbound' and public.adsapp_is_reply(a.type)
       and coalesce((c.settings ->> 'stopOnReply')::boolean, true)
       and (a.consent is distinct from 'opt_out' or coalesce((c.settings ->> 'transactional')::boolean, false))
       and exists (select from public.drip_message_logs l
                    where l.enrollment_id = e.id and l.organization_id = e.organization_id
                      and (l.sent_at is not null or l.status in ('dispatching', 'unknown'))
                      and date_trunc('second', coalesce(l.sent_at, l.dispatched_at)) <= a.received_at));
  if answered <> '{}' then
    perform from public.drip_enrollments e where e.id = any (answered) order by e.id for no key update;
    update public.drip_enrollments e set status = 'dropped', exit_reason = 'replied'
     where e.id = any (answered) and e.ended_at is null;
  end if;
  return null;
end $$;
revoke execute on function tg_messages__stop_on_reply() from public;
create trigger _600_stop_on_reply after insert on messages referencing new table as added
  for each statement execute function tg_messages__stop_on_reply();
