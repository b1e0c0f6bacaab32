-- Definitions name people too: an audience by phone, a condition by phone, user id or email, and the audit log keeps what a definition
-- was before it changed. Of who is erased they keep the contact's id, which says nothing and is in no audience.

create function adsapp_without_person(p_value jsonb, p_addresses text[], p_id uuid) returns jsonb language plpgsql immutable parallel safe as $$
declare
  said text := p_value::text;
  address text;
begin
  foreach address in array p_addresses loop
    said := replace(said, to_jsonb(address)::text, to_jsonb(p_id)::text);
  end loop;
  return said::jsonb;
end $$;

create function tg_contacts__forget() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  home constant uuid := new.organization_id;
  names constant text[] := array_remove(array[old.phone, '+' || ltrim(old.wa_id, '+'), ltrim(old.wa_id, '+'), old.bsuid, old.email], null);
begin
  update public.bulk_campaigns c set target_audience = public.adsapp_without_person(c.target_audience, names, new.id)
   where c.organization_id = home and c.target_audience <> public.adsapp_without_person(c.target_audience, names, new.id);
  update public.campaign_runs r set definition = public.adsapp_without_person(r.definition, names, new.id)
   where r.organization_id = home and r.definition <> public.adsapp_without_person(r.definition, names, new.id);
  update public.contact_lists l set filter = public.adsapp_without_person(l.filter, names, new.id)
   where l.organization_id = home and l.filter <> public.adsapp_without_person(l.filter, names, new.id);
  update public.automation_rules u set conditions = public.adsapp_without_person(u.conditions, names, new.id)
   where u.organization_id = home and u.conditions <> public.adsapp_without_person(u.conditions, names, new.id);
  update public.drip_campaigns d set exit_when = public.adsapp_without_person(d.exit_when, names, new.id)
   where d.organization_id = home and d.exit_when <> public.adsapp_without_person(d.exit_when, names, new.id);
  update public.drip_campaign_steps s set conditions = public.adsapp_without_person(s.conditions, names, new.id)
   where s.organization_id = home and s.conditions <> public.adsapp_without_person(s.conditions, names, new.id);
  update public.audit_log l set details = public.adsapp_without_person(l.details, names, new.id)
   where l.organization_id = home and l.subject_type in ('bulk_campaigns', 'contact_lists', 'automation_rules', 'drip_campaigns')
     and l.details <> public.adsapp_without_person(l.details, names, new.id);
  return null;
end $$;
revoke execute on function tg_contacts__forget() from public;
-- Not of a row that is merged into another: that one has the address from here on.
create trigger _400_forget after update of erased_at on contacts for each row
  when (old.erased_at is null and new.erased_at is not null and new.merged_into is null) execute function tg_contacts__forget();
