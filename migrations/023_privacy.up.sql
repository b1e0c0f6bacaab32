-- What a person may ask for: to be forgotten for good, and that nothing is kept longer than the organization says.

create table suppression_keys (
  organization_id uuid primary key references organizations on delete cascade,
  key bytea not null default sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
    constraint key_is_long check (octet_length(key) = 32)
);
comment on column suppression_keys.key is 'people do not read it: with it the hashes could be tried against all phone numbers';
call adsapp_wall('suppression_keys', 'Users can access suppression keys in their org');
grant select (organization_id) on suppression_keys to adsapp_operator;
grant select on suppression_keys to adsapp_worker;

create table suppressions (
  organization_id uuid not null references organizations on delete cascade,
  address_hash bytea not null constraint address_hash_is_sha256 check (octet_length(address_hash) = 32),
  created_at timestamptz not null default adsapp_now(),
  primary key (organization_id, address_hash)
);
comment on table suppressions is 'phones and user ids of erased people, as keyed hashes: no import brings them back, and who writes again gets no marketing';
call adsapp_wall('suppressions', 'Users can access suppressions in their org');
grant select (organization_id, created_at) on suppressions to adsapp_operator;
grant select on suppressions to adsapp_worker;

create index contacts_erased_idx on contacts (organization_id, id) where erased_at is not null;

create function adsapp_address_hash(p_key bytea, p_address text) returns bytea language sql immutable parallel safe as $$
  select sha256(p_key || sha256(p_key || convert_to(p_address, 'UTF8')))
$$;

-- Which of these phones and user ids belong to people whom the organization has erased.
create function adsapp_suppressed(p_organization_id uuid, p_addresses text[]) returns setof text language plpgsql stable security definer set search_path = '' as $$
declare
  secret bytea;
begin
  if not exists (select from public.suppressions s where s.organization_id = p_organization_id) then
    return;
  end if;
  select k.key into secret from public.suppression_keys k where k.organization_id = p_organization_id;
  return query
    select a.address from unnest(p_addresses) as a(address)
      join public.suppressions s on s.organization_id = p_organization_id and s.address_hash = public.adsapp_address_hash(secret, a.address);
end $$;
revoke execute on function adsapp_suppressed(uuid, text[]) from public;
grant execute on function adsapp_suppressed(uuid, text[]) to adsapp_worker;

-- The same for people: of their own organization only.
create function adsapp_suppressed_here(p_addresses text[]) returns setof text language sql stable security definer set search_path = '' as $$
  select public.adsapp_suppressed(public.adsapp_organization_id(), p_addresses)
$$;
revoke execute on function adsapp_suppressed_here(text[]) from public;
grant execute on function adsapp_suppressed_here(text[]) to adsapp_operator;

-- Whoever inserts (a webhook, raw SQL): an erased person who writes again can be answered, and gets no marketing until they ask for it
-- (it counts as their own word, which their START lifts).
create function tg_contacts__suppressed() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if not exists (select from public.suppressions) then
    return null;
  end if;
  update public.contacts c
     set opted_out_at = public.adsapp_now(), opt_out_source = 'preferences: erased before'
    from (select o.organization_id, x.address
            from (select a.organization_id, array_agg(a.phone) filter (where a.phone is not null) || array_agg(a.bsuid) filter (where a.bsuid is not null) as addresses
                    from added a group by a.organization_id) o
           cross join lateral public.adsapp_suppressed(o.organization_id, o.addresses) as x(address)) s
   where c.organization_id = s.organization_id and (c.phone = s.address or c.bsuid = s.address) and c.opted_out_at is null;
  return null;
end $$;
revoke execute on function tg_contacts__suppressed() from public;
create trigger _300_suppressed after insert on contacts referencing new table as added
  for each statement execute function tg_contacts__suppressed();

-- A webhook's raw body with the messages, statuses and profiles that name a person only, or without them. What cannot be read is emptied.
-- p_needles: digits of the phone, user ids, as patterns.
create function adsapp_body_of_person(p_body text, p_needles text[], p_without boolean) returns text language plpgsql immutable set search_path = '' as $$
declare
  needle constant text := '(?<![0-9A-Za-z])(' || array_to_string(p_needles, '|') || ')(?![0-9A-Za-z])';
  body jsonb;
begin
  body := p_body::jsonb;
  body := jsonb_set(body, '{entry}', (
    select coalesce(jsonb_agg(jsonb_set(e.entry, '{changes}', (
             select coalesce(jsonb_agg(jsonb_set(c.change, '{value}', (
                      select jsonb_object_agg(v.key, case when jsonb_typeof(v.value) <> 'array' then v.value else (
                               select coalesce(jsonb_agg(i.item order by i.n) filter (where (i.item::text ~ needle) <> p_without), '[]')
                                 from jsonb_array_elements(v.value) with ordinality as i(item, n)) end)
                        from jsonb_each(c.change -> 'value') v)) order by c.n), '[]')
               from jsonb_array_elements(e.entry -> 'changes') with ordinality as c(change, n))) order by e.n), '[]')
      from jsonb_array_elements(body -> 'entry') with ordinality as e(entry, n)));
  return case when p_without and body::text ~ needle then '{}' else coalesce(body::text, '{}') end;
exception when others then
  return '{}';
end $$;

-- What people wrote and were written, of erased contacts: the rows stay, for the ledger. Meta's message ids hold the phone, and
-- are kept for 30 days, since late statuses and repeated webhooks name them. Called again it takes what came in since.
create function adsapp_scrub_messages(p_organization_id uuid, p_contact_ids uuid[]) returns integer language plpgsql security definer set search_path = '' as $$
declare
  scrubbed integer;
begin
  update public.messages m
     set body = null, payload = null, error = null,
         provider_message_id = case when n.is_old then 'erased:' || m.id else m.provider_message_id end
    from (select k.id, k.provider_message_id like 'preference:%' or (k.provider_message_id not like 'erased:%' and k.created_at < public.adsapp_now() - interval '30 days') as is_old,
                 k.organization_id
            from public.messages k where k.contact_id = any (p_contact_ids) and k.organization_id = p_organization_id) n
   where m.id = n.id and m.organization_id = n.organization_id and m.contact_id = any (p_contact_ids)
     and (n.is_old or num_nonnulls(m.body, m.payload, m.error) > 0);
  get diagnostics scrubbed = row_count;
  update public.contact_events e set data = '{}', event_id = null
   where e.contact_id = any (p_contact_ids) and e.organization_id = p_organization_id and (e.data <> '{}' or e.event_id is not null);
  return scrubbed;
end $$;
revoke execute on function adsapp_scrub_messages(uuid, uuid[]) from public;
grant execute on function adsapp_scrub_messages(uuid, uuid[]) to adsapp_worker;

-- Forgets a person: nothing that is stored says any more who it was, nobody gets another message, no import brings them back.
-- Rows that counts and limits are made of stay. An admin's of the same organization; null: there is no such contact.
create function erase_contact(p_contact_id uuid) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  home constant uuid := public.adsapp_organization_id();
  who public.contacts;
  family uuid[];
  needles text[];
  messages integer;
  bodies integer;
begin
  if public.adsapp_profile_role() is distinct from 'admin' then
    raise exception 'only an admin erases a contact' using errcode = 'insufficient_privilege';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('adsapp import ' || home::text, 0)); -- an import that runs ends before, or sees the hash
  select c.* into who from public.contacts c where c.id = p_contact_id and c.organization_id = home for update;
  if who.id is null then
    return null;
  end if;
  family := array(with recursive f(id) as (
                    select who.id union select c.id from f join public.contacts c on c.merged_into = f.id and c.organization_id = home
                  ) select f.id from f); -- with the rows that were merged into this one, and keep what could not move
  insert into public.suppression_keys (organization_id) values (home) on conflict do nothing;
  insert into public.suppressions (organization_id, address_hash)
  select distinct home, public.adsapp_address_hash(k.key, a.address)
    from public.suppression_keys k cross join unnest(array[who.phone, who.bsuid, '+' || ltrim(who.wa_id, '+')]) as a(address)
   where k.organization_id = home and a.address is not null
  on conflict do nothing;
  needles := array(select distinct regexp_replace(a.address, '([^A-Za-z0-9])', '\\\1', 'g')
                     from unnest(array[ltrim(who.phone, '+'), who.bsuid, ltrim(who.wa_id, '+')]) as a(address) where a.address <> '');

  delete from public.contact_tags t where t.contact_id = any (family) and t.organization_id = home;
  delete from public.contact_list_members l where l.contact_id = any (family) and l.organization_id = home;
  delete from public.contact_import_changes i where i.contact_id = any (family) and i.organization_id = home
    and i.import_id in (select b.id from public.contact_imports b where b.organization_id = home); -- its key begins with the import
  update public.contacts c
     set phone = null, bsuid = null, wa_id = null, first_name = null, last_name = null, email = null, language = null, timezone = null, attributes = '{}',
         opt_in_source = null, opt_out_source = null, erased_at = coalesce(c.erased_at, public.adsapp_now()), updated_at = public.adsapp_now(),
         merged_into = case when c.id <> who.id then who.id else c.merged_into end
   where c.id = any (family) and c.organization_id = home;
  update public.messages m set status = 'failed', failed_at = public.adsapp_now(), error_code = 'erased'
   where m.contact_id = any (family) and m.organization_id = home and m.direction = 'outbound' and m.status = 'pending'; -- waits in the direct queue
  messages := public.adsapp_scrub_messages(home, family);
  update public.bulk_message_jobs j set error = null where j.contact_id = any (family) and j.organization_id = home and j.error is not null;
  update public.drip_message_logs g set error = null where g.contact_id = any (family) and g.organization_id = home and g.error is not null;
  update public.satisfaction_ratings r set comment = null from public.conversations v
   where v.id = r.conversation_id and v.organization_id = r.organization_id and v.contact_id = any (family) and v.organization_id = home and r.comment is not null;
  update public.audit_log l set details = l.details - 'opt_in_source' - 'opt_out_source'
   where l.organization_id = home and l.subject_type = 'contacts' and l.subject_id = any (family) and l.details ?| array['opt_in_source', 'opt_out_source'];
  update public.webhook_inbox w set body = public.adsapp_body_of_person(w.body, needles, true)
   where needles <> '{}' and w.body ~ ('(?<![0-9A-Za-z])(' || array_to_string(needles, '|') || ')(?![0-9A-Za-z])')
     and (w.organization_id = home
          or (w.organization_id is null and exists (select from public.senders s where s.organization_id = home and position(s.phone_number_id in w.body) > 0)));
  get diagnostics bodies = row_count;
  return jsonb_build_object('messages', messages, 'webhook_bodies', bodies, 'erased_at', coalesce(who.erased_at, public.adsapp_now()));
end $$;
revoke execute on function erase_contact(uuid) from public;
grant execute on function erase_contact(uuid) to adsapp_operator;

-- `prune`: what an organization's retention lets go of.
grant delete on webhook_inbox, contact_events to adsapp_worker;
