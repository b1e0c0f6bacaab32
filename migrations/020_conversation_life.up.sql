-- How conversations live: what a person writes opens one or joins the open one, and agents answer in it.

alter table conversations
  add column waiting_since timestamptz,
  add column opened_on date;
comment on column conversations.opened_at is 'when the person sent what opened it, by Meta''s clock';
comment on column conversations.opened_on is 'the local day of opened_at: sources are counted by it';
comment on column conversations.waiting_since is 'when the person sent the first message that nobody has answered yet';
create index conversations_open_idx on conversations (organization_id, waiting_since) where resolved_at is null; -- the inbox
create index conversations_opened_idx on conversations (organization_id, opened_at);
drop index conversations_agent_idx;
create index conversations_agent_idx on conversations (assigned_agent_id, resolved_at) where assigned_agent_id is not null; -- an agent's day

-- A new key is checked by its owner, who must see the rows for that.
alter table messages no force row level security;
alter table conversations no force row level security;
alter table satisfaction_ratings no force row level security;
alter table profiles no force row level security;
alter table messages
  add column conversation_id uuid,
  add constraint messages_conversation_fkey foreign key (organization_id, conversation_id) references conversations (organization_id, id) on delete set null (conversation_id);
comment on column messages.conversation_id is 'of what a person wrote and an agent answered; campaign messages are found by their contact and time';
create index messages_conversation_idx on messages (conversation_id) where conversation_id is not null;
drop index messages_agent_idx;
create index messages_agent_idx on messages (agent_id, created_at) where agent_id is not null; -- an agent's day

alter table satisfaction_ratings
  add column rated_by uuid default auth.uid(),
  add constraint satisfaction_ratings_rated_by_fkey foreign key (organization_id, rated_by) references profiles (organization_id, id) on delete set null (rated_by);
alter table messages force row level security;
alter table conversations force row level security;
alter table satisfaction_ratings force row level security;
alter table profiles force row level security;
comment on column satisfaction_ratings.rated_by is 'who typed it in; null: the person''s own answer to the survey, which replaces such a one and stays';
create index satisfaction_ratings_rated_by_idx on satisfaction_ratings (rated_by) where rated_by is not null;
create index satisfaction_ratings_day_idx on satisfaction_ratings (organization_id, rated_at);

alter table agent_performance_metrics
  add column business_first_response_time numeric,
  add column business_response_time numeric,
  add column business_resolution_time numeric;
comment on column agent_performance_metrics.avg_first_response_time is 'seconds by the clock, as the other avg_ times; the business_ ones count the organization''s hours only';
comment on column agent_performance_metrics.online_time is 'seconds of sessions that have ended';
grant delete on agent_performance_metrics to adsapp_worker; -- a day on which nothing is left

-- Times are the database's to write: what agents are judged by is not theirs to set.
revoke update (first_response_at, resolved_at) on conversations from adsapp_operator;
revoke update (score, comment) on satisfaction_ratings from adsapp_operator;
revoke insert (agent_id, online_at) on agent_sessions from adsapp_operator;
create policy "Agents end their own sessions" on agent_sessions as restrictive for update to adsapp_operator
  using (agent_id = coalesce((select auth.uid()), agent_id) or (select adsapp_profile_role()) = 'admin');

create function tg_conversations__life() returns trigger language plpgsql set search_path = '' as $$
begin
  if new.opened_at is distinct from old.opened_at then -- a new row has no old one
    new.opened_on := (new.opened_at at time zone (select o.timezone from public.organizations o where o.id = new.organization_id))::date;
  end if;
  if old.status = 'closed' and new.status <> 'closed' then
    raise exception 'the conversation is closed' using errcode = 'object_not_in_prerequisite_state', hint = 'What the person writes next opens another one.';
  end if;
  if new.status = 'closed' then
    new.resolved_at := coalesce(new.resolved_at, public.adsapp_now());
    new.waiting_since := null;
    new.assigned_agent_id := coalesce(new.assigned_agent_id, (select p.id from public.profiles p where p.id = auth.uid() and p.organization_id = new.organization_id));
  else
    new.status := case when new.assigned_agent_id is null then 'open' else 'assigned' end;
  end if;
  return new;
end $$;
create trigger _300_life before insert or update on conversations for each row execute function tg_conversations__life();

create function tg_agent_sessions__end() returns trigger language plpgsql set search_path = '' as $$
begin
  new.offline_at := case when old.offline_at is null then public.adsapp_now() else old.offline_at end;
  return new;
end $$;
create trigger _300_end before update on agent_sessions for each row
  when (new.offline_at is not null) execute function tg_agent_sessions__end();

-- A tap on the survey's list: `RATE:<conversation>:<1 to 5>`.
create function survey_answer(p_type text, p_payload jsonb) returns text language sql immutable parallel safe as $$
  select case when p_type = 'interactive' then
    substring(coalesce(p_payload #>> '{interactive,list_reply,id}', p_payload #>> '{interactive,button_reply,id}') from '^RATE:(.*)$') end
$$;

-- What waits for an answer: a reply (docs/decisions/007) that is neither an opt-out nor a survey's answer.
create function adsapp_asks(p_type text, p_consent text, p_payload jsonb) returns boolean language sql immutable parallel safe as $$
  select public.adsapp_is_reply(p_type) and p_consent is distinct from 'opt_out' and public.survey_answer(p_type, p_payload) is null
$$;

-- The open conversation is locked by the upsert itself: who closes it at the same time comes before (then another one opens) or after.
create function tg_messages__converse() returns trigger language plpgsql security definer set search_path = '' set enable_nestloop = off as $$
declare
  asking uuid[];
begin
  if not exists (select from added a where a.direction = 'inbound') then
    return null;
  end if;
  insert into public.satisfaction_ratings as r (organization_id, conversation_id, score, rated_by, rated_at)
  select distinct on (c.id) c.organization_id, c.id, right(s.word, 1)::smallint, null, a.received_at
    from added a
   cross join lateral (select public.survey_answer(a.type, a.payload) as word) s
   cross join lateral (select k.id, k.organization_id, k.contact_id from public.conversations k
                        where k.id = case when s.word ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:[1-5]$' then left(s.word, 36)::uuid end offset 0) c
   where a.direction = 'inbound' and s.word is not null and c.organization_id = a.organization_id and c.contact_id = a.contact_id
   order by c.id, a.received_at
  on conflict (conversation_id, organization_id) do update set score = excluded.score, comment = null, rated_by = null where r.rated_by is not null;
  asking := array(select a.id from added a
                   where a.direction = 'inbound' and a.conversation_id is null and public.adsapp_asks(a.type, a.consent, a.payload) order by a.id);
  if asking = '{}' then
    return null;
  end if;
  with opened as (
    insert into public.conversations as c (organization_id, contact_id, opened_at, waiting_since)
    select a.organization_id, a.contact_id, min(a.received_at), min(a.received_at)
      from added a where a.direction = 'inbound' and a.conversation_id is null and public.adsapp_asks(a.type, a.consent, a.payload)
     group by a.organization_id, a.contact_id order by a.contact_id
    on conflict (contact_id) where resolved_at is null do update
       set opened_at = least(c.opened_at, excluded.opened_at), waiting_since = least(c.waiting_since, excluded.waiting_since)
    returning c.id, c.organization_id, c.contact_id
  )
  update public.messages m set conversation_id = o.id
    from opened o join added a on a.contact_id = o.contact_id and a.organization_id = o.organization_id
   where m.id = a.id and m.organization_id = a.organization_id and m.id = any (asking);
  return null;
end $$;
revoke execute on function tg_messages__converse() from public;
create trigger _700_converse after insert on messages referencing new table as added
  for each statement execute function tg_messages__converse();

-- What an agent writes goes out by the direct queue (design: sending). The only way in for people: the text is theirs, the request is
-- made here. Meta's window is looked at again at the claim.
create function write_in_conversation(p_conversation_id uuid, p_agent_id uuid, p_type text, p_body text, p_payload jsonb) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  said public.conversations;
  person record;
  number uuid;
  written uuid;
begin
  select * into said from public.conversations c
   where c.id = p_conversation_id and c.organization_id = public.adsapp_organization_id() for no key update;
  if not found then
    raise exception 'conversation "%" not found', p_conversation_id using errcode = 'no_data_found';
  end if;
  if coalesce(public.adsapp_profile_role(), 'viewer') = 'viewer' then
    raise exception 'viewers only read' using errcode = 'insufficient_privilege';
  end if;
  if said.status = 'closed' then
    raise exception 'the conversation is closed' using errcode = 'object_not_in_prerequisite_state', hint = 'What the person writes next opens another one.';
  end if;
  select k.blocked_at, k.erased_at, o.timezone, k.last_inbound_at + interval '24 hours' as closes_at into person
    from public.contacts k join public.organizations o on o.id = k.organization_id
   where k.id = said.contact_id and k.organization_id = said.organization_id;
  if coalesce(person.blocked_at, person.erased_at) is not null then
    raise exception 'the contact is blocked: no message of any kind' using errcode = 'object_not_in_prerequisite_state';
  end if;
  if person.closes_at is null or person.closes_at <= public.adsapp_now() then
    raise exception 'the service window is closed: %', coalesce(format('it ended at %s (%s)', to_char(person.closes_at at time zone person.timezone, 'YYYY-MM-DD HH24:MI'), person.timezone), 'this person has not written to us')
      using errcode = 'object_not_in_prerequisite_state', hint = 'Meta takes free text within 24 hours of what the person wrote last. Send a template instead: a campaign or a drip with an approved one.';
  end if;
  select coalesce((select m.sender_id from public.messages m
                    where m.contact_id = said.contact_id and m.organization_id = said.organization_id and m.direction = 'inbound' and m.sender_id is not null
                    order by m.created_at desc, m.received_at desc limit 1),
                  (select s.id from public.senders s where s.organization_id = said.organization_id and s.is_default)) into number;
  if number is null then
    raise exception 'there is no sender to answer from' using errcode = 'object_not_in_prerequisite_state', hint = 'Run: adsapp sender add NAME --help';
  end if;
  insert into public.messages (organization_id, direction, contact_id, sender_id, agent_id, conversation_id, type, body, payload, status)
  values (said.organization_id, 'outbound', said.contact_id, number, p_agent_id, said.id, p_type, p_body, p_payload, 'pending')
  returning id into written;
  return written;
end $$;
revoke execute on function write_in_conversation(uuid, uuid, text, text, jsonb) from public;

-- An agent's answer. It is theirs from then on, if it was nobody's. @returns the message's id
create function reply_in_conversation(p_conversation_id uuid, p_text text) returns uuid language plpgsql security definer set search_path = '' as $$
declare
  written uuid;
begin
  if btrim(coalesce(p_text, ''), E' \t\n\r') = '' or length(p_text) > 4096 then
    raise exception 'a reply has 1 to 4096 characters' using errcode = 'check_violation';
  end if;
  written := public.write_in_conversation(p_conversation_id, auth.uid(), 'text', p_text,
    jsonb_build_object('type', 'text', 'text', jsonb_build_object('body', p_text)));
  update public.conversations c
     set first_response_at = coalesce(c.first_response_at, public.adsapp_now()), waiting_since = null,
         assigned_agent_id = coalesce(c.assigned_agent_id, auth.uid())
   where c.id = p_conversation_id and c.organization_id = public.adsapp_organization_id();
  return written;
end $$;
revoke execute on function reply_in_conversation(uuid, text) from public;
grant execute on function reply_in_conversation(uuid, text) to adsapp_operator;

-- Asks for a figure from 1 to 5 by a list (buttons are three at most). No agent's answer: nobody's times know of it.
create function survey_conversation(p_conversation_id uuid, p_text text, p_button text) returns uuid language plpgsql security definer set search_path = '' as $$
begin
  if btrim(coalesce(p_text, '')) = '' or length(p_text) > 1024 or btrim(coalesce(p_button, '')) = '' or length(p_button) > 20 then
    raise exception 'a survey''s text has 1 to 1024 characters, its button 1 to 20' using errcode = 'check_violation';
  end if;
  return public.write_in_conversation(p_conversation_id, null, 'interactive', p_text, jsonb_build_object('type', 'interactive', 'interactive',
    jsonb_build_object('type', 'list', 'body', jsonb_build_object('text', p_text), 'action', jsonb_build_object('button', p_button, 'sections', jsonb_build_array(
      jsonb_build_object('rows', (select jsonb_agg(jsonb_build_object('id', format('RATE:%s:%s', p_conversation_id, n), 'title', format('%s %s', n, repeat('★', n))) order by n desc)
                                    from generate_series(1, 5) n)))))));
end $$;
revoke execute on function survey_conversation(uuid, text, text) from public;
grant execute on function survey_conversation(uuid, text, text) to adsapp_operator;
