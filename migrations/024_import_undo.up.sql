-- What an import changed, so that it can be taken back as long as nobody went on from there.

alter table contact_imports
  add column suppressed integer not null default 0,
  add column undone_at timestamptz;
comment on column contact_imports.suppressed is 'of the skipped rows, those of people who were erased';
alter table contact_tags add column import_id uuid;
alter table contact_list_members add column import_id uuid;
comment on column contact_tags.import_id is 'the import that added it (no key: only its undo asks)';
comment on column contact_list_members.import_id is 'the import that added it (no key: only its undo asks)';
grant insert (import_id) on contact_tags, contact_list_members to adsapp_operator;
grant insert (suppressed), update (suppressed) on contact_imports to adsapp_operator;

-- What a file says of attributes, on what is known. A CSV has text alone: text that says what is known already keeps its type.
-- (Two functions: one with a subquery is not inlined, and a million calls of it take as long as all the rest.)
create function adsapp_merge_typed_attributes(p_known jsonb, p_said jsonb) returns jsonb language sql immutable parallel safe as $$
  select p_known || (select coalesce(jsonb_object_agg(s.key, s.value), '{}') from jsonb_each(p_said) s
                      where jsonb_typeof(s.value) <> 'string' or p_known ->> s.key is distinct from s.value #>> '{}')
$$;
create function adsapp_merge_attributes(p_known jsonb, p_said jsonb) returns jsonb language sql immutable parallel safe as $$
  select case when p_known @> p_said then p_known
              when jsonb_path_exists(p_known, '$.* ? (@.type() != "string")') then adsapp_merge_typed_attributes(p_known, p_said)
              else p_known || p_said end
$$;

create table contact_import_changes (
  organization_id uuid not null,
  import_id uuid not null,
  contact_id uuid not null,
  changed_at timestamptz not null,
  phone text,
  bsuid text,
  first_name text,
  last_name text,
  email text,
  language text,
  timezone text,
  attributes jsonb not null,
  opted_in_at timestamptz,
  opt_in_source text,
  primary key (import_id, contact_id, organization_id)
);
comment on table contact_import_changes is 'contacts as they were before an import updated them. No foreign keys: a check for each of a million rows; both are deleted with their rows here only';
comment on column contact_import_changes.changed_at is 'updated_at that the import gave the contact: while it stands, nobody changed anything since';
call adsapp_wall('contact_import_changes', 'Users can access contact import changes in their org');
grant select on contact_import_changes to adsapp_operator;
grant insert (organization_id, import_id, contact_id, changed_at, phone, bsuid, first_name, last_name, email, language, timezone, attributes, opted_in_at, opt_in_source)
  on contact_import_changes to adsapp_operator;
grant select, delete on contact_import_changes to adsapp_worker;

create function tg_contact_imports__forget() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  delete from public.contact_import_changes w using gone g where w.import_id = g.id and w.organization_id = g.organization_id;
  return null;
end $$;
revoke execute on function tg_contact_imports__forget() from public;
create trigger _500_forget after delete on contact_imports referencing old table as gone
  for each statement execute function tg_contact_imports__forget();

-- Takes back what an import made. Contacts that it created go, unless something came of them since; those that it updated get back
-- what they had, unless they were changed since. A word of no stays. Answers how many, and how many were left for which reason.
create function undo_contact_import(p_import_id uuid) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  home constant uuid := public.adsapp_organization_id();
  was_undone timestamptz;
  gone uuid[];
  back uuid[];
  left_new jsonb;
  left_old jsonb;
  tags integer;
  memberships integer;
begin
  if coalesce(public.adsapp_profile_role(), 'viewer') = 'viewer' then
    raise exception 'viewers only read' using errcode = 'insufficient_privilege';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('adsapp import ' || home::text, 0));
  select i.undone_at into was_undone from public.contact_imports i where i.id = p_import_id and i.organization_id = home for update;
  if not found then
    return null;
  elsif was_undone is not null then
    return jsonb_build_object('undone_before', was_undone);
  end if;
  perform from public.contacts c where c.import_id = p_import_id and c.organization_id = home order by c.id for update; -- no message may point at them from here on
  perform from public.contacts c
    where c.organization_id = home and c.id in (select w.contact_id from public.contact_import_changes w where w.import_id = p_import_id and w.organization_id = home)
    order by c.id for no key update;

  with judged as materialized (
    select c.id, case
        when c.erased_at is not null then 'erased'
        when c.blocked_at is not null or c.opted_out_at is not null then 'opted out or blocked'
        when exists (select from public.messages m where m.contact_id = c.id and m.organization_id = home)
          or exists (select from public.bulk_message_jobs j where j.contact_id = c.id and j.organization_id = home)
          or exists (select from public.drip_enrollments e where e.contact_id = c.id and e.organization_id = home)
          or exists (select from public.conversations v where v.contact_id = c.id and v.organization_id = home)
          or exists (select from public.contact_events e where e.contact_id = c.id and e.organization_id = home and e.type not in ('contact_created', 'tag_added')) then 'has history'
        when c.updated_at <> c.created_at
          or exists (select from public.contact_tags t where t.contact_id = c.id and t.organization_id = home and t.import_id is distinct from p_import_id)
          or exists (select from public.contact_list_members l where l.contact_id = c.id and l.organization_id = home and l.import_id is distinct from p_import_id) then 'changed since'
      end as reason
      from public.contacts c where c.import_id = p_import_id and c.organization_id = home
  )
  select coalesce((select array_agg(j.id) from judged j where j.reason is null), '{}'),
         coalesce((select jsonb_object_agg(r.reason, r.n) from (select j.reason, count(*) as n from judged j where j.reason is not null group by 1) r), '{}')
    into gone, left_new;
  with judged as materialized (
    select c.id, case when c.erased_at is not null then 'erased' when c.updated_at <> w.changed_at then 'changed since' end as reason
      from public.contact_import_changes w join public.contacts c on c.id = w.contact_id and c.organization_id = w.organization_id
     where w.import_id = p_import_id and w.organization_id = home
  )
  select coalesce((select array_agg(j.id) from judged j where j.reason is null), '{}'),
         coalesce((select jsonb_object_agg(r.reason, r.n) from (select j.reason, count(*) as n from judged j where j.reason is not null group by 1) r), '{}')
    into back, left_old;

  delete from public.contact_tags t where t.import_id = p_import_id and t.organization_id = home;
  get diagnostics tags = row_count;
  delete from public.contact_list_members l where l.import_id = p_import_id and l.organization_id = home;
  get diagnostics memberships = row_count;
  delete from public.contacts c where c.id = any (gone) and c.organization_id = home;
  update public.contacts c
     set phone = w.phone, bsuid = w.bsuid, first_name = w.first_name, last_name = w.last_name, email = w.email, language = w.language, timezone = w.timezone,
         attributes = w.attributes, opted_in_at = w.opted_in_at, opt_in_source = w.opt_in_source, updated_at = public.adsapp_now()
    from public.contact_import_changes w
   where w.import_id = p_import_id and w.organization_id = home and c.id = w.contact_id and c.organization_id = home and c.id = any (back);
  delete from public.contact_import_changes w where w.import_id = p_import_id and w.organization_id = home;
  update public.contact_imports i set undone_at = public.adsapp_now() where i.id = p_import_id and i.organization_id = home;
  return jsonb_build_object('removed', cardinality(gone), 'reverted', cardinality(back), 'tags', tags, 'memberships', memberships,
                            'left_created', left_new, 'left_updated', left_old);
end $$;
revoke execute on function undo_contact_import(uuid) from public;
grant execute on function undo_contact_import(uuid) to adsapp_operator;
