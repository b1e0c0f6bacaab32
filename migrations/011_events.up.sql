-- What happens to contacts (the queue behind triggers, and the history that conditions read), and rules that act on it.

create table contact_events (
  id bigint generated always as identity,
  organization_id uuid not null default adsapp_organization_id(),
  contact_id uuid not null,
  type text not null constraint type_is_known check (type in ('contact_created', 'tag_added', 'custom_event', 'api', 'message_received')),
  name text constraint name_is_given check (btrim(name) <> ''),
  data jsonb not null default '{}' constraint data_is_object check (jsonb_typeof(data) = 'object'),
  event_id text,
  depth smallint not null default coalesce(nullif(current_setting('adsapp.event_depth', true), '')::smallint, 0),
  occurred_at timestamptz not null default adsapp_now(),
  processed_at timestamptz,
  note text,
  primary key (id, organization_id),
  constraint contact_events_event_id_key unique (organization_id, event_id),
  constraint contact_events_contact_fkey foreign key (organization_id, contact_id) references contacts (organization_id, id) on delete cascade,
  constraint named_where_it_counts check (name is not null or type in ('contact_created', 'message_received'))
);
create index contact_events_waiting on contact_events (depth, id) where processed_at is null;
create index contact_events_contact_idx on contact_events (contact_id, type, name, occurred_at);
comment on column contact_events.name is 'the tag, or the event''s name';
comment on column contact_events.event_id is 'given by who sends it: the same one again changes nothing';
comment on column contact_events.depth is 'how many rules led to it; past a few nothing acts on it (guard against loops)';
call adsapp_wall('contact_events', 'Users can access contact events in their org');
grant select on contact_events to adsapp_operator;
grant insert (organization_id, contact_id, type, name, data, event_id, occurred_at) on contact_events to adsapp_operator;
grant select, insert, update on contact_events to adsapp_worker;

create function tg_contact_events__organization() returns trigger language plpgsql set search_path = '' as $$
begin
  select c.organization_id into new.organization_id from public.contacts c where c.id = new.contact_id;
  return new;
end $$;
create trigger _100_organization before insert on contact_events for each row
  when (new.organization_id is null) execute function tg_contact_events__organization();

create table automation_rules (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null default adsapp_organization_id() references organizations on delete cascade,
  name text not null constraint name_is_given check (btrim(name) <> ''),
  trigger_type text not null constraint trigger_type_is_known check (trigger_type in ('contact_created', 'tag_added', 'custom_event', 'message_received')),
  trigger_config jsonb not null default '{}' constraint trigger_config_is_object check (jsonb_typeof(trigger_config) = 'object'),
  conditions jsonb constraint conditions_is_object check (jsonb_typeof(conditions) = 'object'),
  actions jsonb not null constraint actions_is_array check (jsonb_typeof(actions) = 'array'),
  enabled boolean not null default true,
  created_by uuid default auth.uid(),
  created_at timestamptz not null default adsapp_now(),
  primary key (id, organization_id),
  constraint automation_rules_name_key unique (organization_id, name),
  constraint automation_rules_created_by_fkey foreign key (organization_id, created_by) references profiles (organization_id, id) on delete set null (created_by)
);
create index automation_rules_enabled_idx on automation_rules (organization_id, trigger_type) where enabled;
create index automation_rules_created_by_idx on automation_rules (created_by);
call adsapp_wall('automation_rules', 'Users can access automation rules in their org');
grant select, delete on automation_rules to adsapp_operator;
grant insert (organization_id, name, trigger_type, trigger_config, conditions, actions, enabled),
      update (name, trigger_type, trigger_config, conditions, actions, enabled) on automation_rules to adsapp_operator;
grant select, insert, update on automation_rules to adsapp_worker;

-- A number of days as a condition has it; null where it has none.
create function adsapp_days(p_days jsonb) returns interval language sql immutable parallel safe as $$
  select case when jsonb_typeof(p_days) = 'number' then make_interval(days => least(greatest((p_days)::numeric, 0), 36500)::integer) end
$$;

-- Does a contact meet a condition? { all|any: [...] }, { not: … }, { tag }, { list }, { event, within_days }, { replied_within_days },
-- { field, op, value } (design: formats). p_since: events before it do not count. Unknown words and malformed values meet nothing:
-- one bad condition must not stop a batch.
create function adsapp_meets(p_contact contacts, p_condition jsonb, p_since timestamptz) returns boolean
language plpgsql stable set search_path = '' as $$
declare
  part jsonb;
  value jsonb := p_condition -> 'value';
  held text;
begin
  if jsonb_typeof(p_condition) is distinct from 'object' or jsonb_typeof(coalesce(p_condition -> 'all', p_condition -> 'any', '[]')) <> 'array' then
    return false;
  elsif p_condition ? 'all' then
    for part in select jsonb_array_elements(p_condition -> 'all') loop
      if not public.adsapp_meets(p_contact, part, p_since) then return false; end if;
    end loop;
    return true;
  elsif p_condition ? 'any' then
    for part in select jsonb_array_elements(p_condition -> 'any') loop
      if public.adsapp_meets(p_contact, part, p_since) then return true; end if;
    end loop;
    return false;
  elsif p_condition ? 'not' then
    return not public.adsapp_meets(p_contact, p_condition -> 'not', p_since);
  elsif p_condition ? 'tag' then
    return exists (select from public.contact_tags t where t.contact_id = p_contact.id and t.organization_id = p_contact.organization_id and t.tag = p_condition ->> 'tag');
  elsif p_condition ? 'list' then
    return exists (select from public.contact_list_members m join public.contact_lists l on l.id = m.list_id and l.organization_id = m.organization_id
                    where m.contact_id = p_contact.id and m.organization_id = p_contact.organization_id and l.name = p_condition ->> 'list');
  elsif p_condition ? 'event' then
    return exists (select from public.contact_events e
                    where e.contact_id = p_contact.id and e.organization_id = p_contact.organization_id and e.type in ('custom_event', 'api')
                      and e.name = p_condition ->> 'event' and e.occurred_at >= coalesce(p_since, '-infinity')
                      and e.occurred_at >= public.adsapp_now() - case when p_condition ? 'within_days' then public.adsapp_days(p_condition -> 'within_days')
                                                                      else interval '1000 years' end);
  elsif p_condition ? 'replied_within_days' then
    return coalesce(p_contact.last_inbound_at >= public.adsapp_now() - public.adsapp_days(p_condition -> 'replied_within_days'), false);
  elsif p_condition ? 'field' then
    held := case when p_condition ->> 'field' like 'attributes.%' then p_contact.attributes ->> substr(p_condition ->> 'field', 12)
                 else to_jsonb(p_contact) ->> (p_condition ->> 'field') end;
    return coalesce(case p_condition ->> 'op'
      when 'eq' then held = value #>> '{}'
      when 'ne' then held is distinct from value #>> '{}'
      when 'in' then value ? held
      when 'contains' then position(lower(value #>> '{}') in lower(held)) > 0
      when 'exists' then (held is not null) = (value is distinct from 'false')
      when 'gt' then case when jsonb_typeof(value) = 'number' then held ~ '^-?[0-9]+(\.[0-9]+)?$' and held::numeric > (value)::numeric else held > value #>> '{}' end
      when 'gte' then case when jsonb_typeof(value) = 'number' then held ~ '^-?[0-9]+(\.[0-9]+)?$' and held::numeric >= (value)::numeric else held >= value #>> '{}' end
      when 'lt' then case when jsonb_typeof(value) = 'number' then held ~ '^-?[0-9]+(\.[0-9]+)?$' and held::numeric < (value)::numeric else held < value #>> '{}' end
      when 'lte' then case when jsonb_typeof(value) = 'number' then held ~ '^-?[0-9]+(\.[0-9]+)?$' and held::numeric <= (value)::numeric else held <= value #>> '{}' end
      when 'within_days' then case when p_condition ->> 'field' ~ '^[a-z_]+_at$' then held::timestamptz >= public.adsapp_now() - public.adsapp_days(value) end
      end, false);
  end if;
  return false;
end $$;

create function adsapp_meets_any(p_contact contacts, p_conditions jsonb, p_since timestamptz) returns boolean
language sql stable set search_path = 'public' as $$
  select exists (select from jsonb_array_elements(p_conditions) c where adsapp_meets(p_contact, c, p_since))
$$;

-- Every tag that a condition asks for, however deep.
create function adsapp_tags_in(p_condition jsonb) returns setof text language sql immutable parallel safe as $$
  select t #>> '{}' from jsonb_path_query(p_condition, '$.**.tag') t where jsonb_typeof(t) = 'string'
$$;

-- Inserting or tagging contacts writes events, only where an active drip or a rule listens.
-- (Both tables outlive the drip tables in the source document's rollback.)
create function tg_contacts__event() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  listening uuid[];
begin
  if to_regclass('public.drip_campaigns') is null then
    return null;
  end if;
  listening := array(select d.organization_id from public.drip_campaigns d where d.status = 'active' and d.trigger_type = 'contact_created'
                     union select r.organization_id from public.automation_rules r where r.enabled and r.trigger_type = 'contact_created');
  if listening <> '{}' then
    insert into public.contact_events (organization_id, contact_id, type)
    select a.organization_id, a.id, 'contact_created' from added a where a.organization_id = any (listening) order by a.id;
  end if;
  return null;
end $$;
revoke execute on function tg_contacts__event() from public;
create trigger _700_event after insert on contacts referencing new table as added
  for each statement execute function tg_contacts__event();

create function tg_contact_tags__event() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if to_regclass('public.drip_campaigns') is null then
    return null;
  end if;
  with listening as materialized (
    select d.organization_id, d.trigger_config ->> 'tag' as tag from public.drip_campaigns d where d.status = 'active' and d.trigger_type = 'tag_added'
    union select r.organization_id, r.trigger_config ->> 'tag' from public.automation_rules r where r.enabled and r.trigger_type = 'tag_added'
    union select d.organization_id, t from public.drip_campaigns d cross join lateral public.adsapp_tags_in(d.exit_when) t where d.status = 'active'
  )
  insert into public.contact_events (organization_id, contact_id, type, name)
  select a.organization_id, a.contact_id, 'tag_added', a.tag
    from added a
    join listening l on l.organization_id = a.organization_id and l.tag = a.tag
   order by a.contact_id, a.tag;
  return null;
end $$;
revoke execute on function tg_contact_tags__event() from public;
create trigger _700_event after insert on contact_tags referencing new table as added
  for each statement execute function tg_contact_tags__event();

-- Enters contacts into drips, pair by pair; says of each pair what became of it (null: enrolled). Runs as the caller, under
-- Row Level Security. Whoever races: one open enrollment of a contact in a drip (drip_enrollments_one_open).
create function enroll_in_drips(p_organization_id uuid, p_campaign_ids uuid[], p_contact_ids uuid[], p_enrolled_by uuid)
returns table (campaign_id uuid, contact_id uuid, enrollment_id uuid, reason text) language sql set search_path = 'public' as $$
  with wanted as materialized (
    select distinct w.campaign_id, w.contact_id from unnest(p_campaign_ids, p_contact_ids) as w(campaign_id, contact_id)
  ), judged as materialized (
    select d.id as campaign_id, w.contact_id, d.current_version, coalesce(p.entries, 0) as entries,
           case when d.status <> 'active' then 'not_active'
                else coalesce(adsapp_contact_gate(k.contact, not coalesce((d.settings ->> 'transactional')::boolean, false), coalesce((d.settings ->> 'requireOptIn')::boolean, false)),
                       case when p.open then 'already_enrolled'
                            when p.entries is null then null
                            when d.settings ->> 'reentry' = 'after_completion' then case when p.last_status <> 'completed' then 'was_enrolled' end
                            when jsonb_typeof(d.settings #> '{reentry,after_days}') = 'number'
                                 then case when p.last_ended_at > adsapp_now() - adsapp_days(d.settings #> '{reentry,after_days}') then 'too_soon' end
                            else 'was_enrolled' end) end as reason
      from wanted w
      join drip_campaigns d on d.id = w.campaign_id and d.organization_id = p_organization_id
     cross join lateral (select c as contact from contacts c where c.id = w.contact_id and c.organization_id = p_organization_id limit 1) k
      left join lateral (select max(e.entry_no) as entries, bool_or(e.ended_at is null) as open, max(e.ended_at) as last_ended_at,
                                (array_agg(e.status order by e.entry_no desc))[1] as last_status
                           from drip_enrollments e where e.campaign_id = d.id and e.contact_id = w.contact_id and e.organization_id = p_organization_id) p on true
  ), entered as (
    insert into drip_enrollments (organization_id, campaign_id, contact_id, version, entry_no, enrolled_by)
    select p_organization_id, j.campaign_id, j.contact_id, j.current_version, j.entries + 1, p_enrolled_by
      from judged j where j.reason is null order by j.campaign_id, j.contact_id
    on conflict do nothing
    returning id, campaign_id, contact_id
  )
  select b.campaign_id, b.contact_id, (array_agg(b.id) filter (where b.id is not null))[1],
         case when count(b.id) = 0 then coalesce(max(b.reason), 'already_enrolled') end
    from (select j.campaign_id, j.contact_id, null::uuid as id, j.reason from judged j
          union all select e.campaign_id, e.contact_id, e.id, null from entered e) b -- united, not joined: the planner takes both for one row
   group by b.campaign_id, b.contact_id
$$;
revoke execute on function enroll_in_drips(uuid, uuid[], uuid[], uuid) from public;
grant execute on function enroll_in_drips(uuid, uuid[], uuid[], uuid) to adsapp_worker, adsapp_operator;
