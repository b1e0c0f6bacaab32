create or replace function adsapp_meets(p_contact contacts, p_condition jsonb, p_since timestamptz) returns boolean
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
drop function adsapp_is_day_within(text, interval);
drop function adsapp_country(text);
drop function adsapp_country_prefixes();
drop index contact_events_name_idx;
revoke insert (filter) on contact_lists from adsapp_operator;
alter table contact_lists drop column filter;
