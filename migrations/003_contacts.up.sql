-- People, what is known of them, and what they allowed.

create table contact_imports (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null default adsapp_organization_id() references organizations on delete cascade,
  file_name text not null,
  file_hash text not null,
  options jsonb not null default '{}',
  rows integer not null default 0,
  created integer not null default 0,
  updated integer not null default 0,
  unchanged integer not null default 0,
  skipped integer not null default 0,
  rejected integer not null default 0,
  imported_by uuid default auth.uid(),
  created_at timestamptz not null default adsapp_now(),
  primary key (id, organization_id),
  constraint contact_imports_imported_by_fkey foreign key (organization_id, imported_by) references profiles (organization_id, id) on delete set null (imported_by)
);
create index contact_imports_hash_idx on contact_imports (organization_id, file_hash);
create index contact_imports_imported_by_idx on contact_imports (imported_by);
call adsapp_wall('contact_imports', 'Users can access contact imports in their org');
grant select on contact_imports to adsapp_operator;
grant insert (organization_id, file_name, file_hash, options, rows, created, updated, unchanged, skipped, rejected),
      update (rows, created, updated, unchanged, skipped, rejected) on contact_imports to adsapp_operator;
grant select, insert, update on contact_imports to adsapp_worker;

create table contacts (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null default adsapp_organization_id() references organizations on delete cascade,
  phone text constraint phone_is_e164 check (phone ~ '^\+[1-9][0-9]{6,14}$'),
  bsuid text constraint bsuid_is_well_formed check (bsuid ~ '^[A-Z]{2}\.[A-Za-z0-9.]{1,140}$'),
  wa_id text,
  first_name text,
  last_name text,
  email text,
  language text,
  timezone text constraint timezone_is_iana check (timezone is null or adsapp_is_timezone(timezone)),
  attributes jsonb not null default '{}' constraint attributes_is_object check (jsonb_typeof(attributes) = 'object'),
  opted_in_at timestamptz,
  opt_in_source text,
  opted_out_at timestamptz,
  opt_out_source text,
  blocked_at timestamptz,
  undeliverable_at timestamptz,
  erased_at timestamptz,
  last_inbound_at timestamptz,
  import_id uuid,
  created_at timestamptz not null default adsapp_now(),
  updated_at timestamptz not null default adsapp_now(),
  primary key (id, organization_id),
  constraint contacts_phone_key unique (organization_id, phone),
  constraint contacts_bsuid_key unique (organization_id, bsuid),
  constraint contacts_import_fkey foreign key (organization_id, import_id) references contact_imports (organization_id, id) on delete set null (import_id),
  constraint contact_has_address check (phone is not null or bsuid is not null or erased_at is not null)
);
create index contacts_created_idx on contacts (organization_id, created_at desc, id);
create index contacts_import_idx on contacts (import_id) where import_id is not null;
comment on column contacts.opted_out_at is 'marketing; when it was written down here. What the person or file said is in opt_out_source';
comment on column contacts.blocked_at is 'no message of any kind';
call adsapp_wall('contacts', 'Users can access contacts in their org');
grant select on contacts to adsapp_operator;
grant insert (organization_id, phone, bsuid, wa_id, first_name, last_name, email, language, timezone, attributes, opted_in_at, opt_in_source,
              opted_out_at, opt_out_source, blocked_at, import_id, created_at),
      update (phone, bsuid, wa_id, first_name, last_name, email, language, timezone, attributes, opted_in_at, opt_in_source,
              opted_out_at, opt_out_source, blocked_at, updated_at) on contacts to adsapp_operator;
grant select, insert, update on contacts to adsapp_worker;

create table contact_tags (
  organization_id uuid not null,
  contact_id uuid not null,
  tag text not null constraint tag_is_plain check (tag = btrim(tag) and tag <> '' and length(tag) <= 100),
  created_at timestamptz not null default adsapp_now(),
  primary key (contact_id, tag, organization_id),
  constraint contact_tags_contact_fkey foreign key (organization_id, contact_id) references contacts (organization_id, id) on delete cascade
);
create index contact_tags_tag_idx on contact_tags (organization_id, tag, contact_id);
call adsapp_wall('contact_tags', 'Users can access contact tags in their org');
grant select, delete on contact_tags to adsapp_operator;
grant insert (organization_id, contact_id, tag) on contact_tags to adsapp_operator;
grant select, insert, delete on contact_tags to adsapp_worker;

create table contact_lists (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null default adsapp_organization_id() references organizations on delete cascade,
  name text not null constraint name_is_given check (btrim(name) <> ''),
  description text,
  created_at timestamptz not null default adsapp_now(),
  primary key (id, organization_id),
  constraint contact_lists_name_key unique (organization_id, name)
);
call adsapp_wall('contact_lists', 'Users can access contact lists in their org');
grant select, delete on contact_lists to adsapp_operator;
grant insert (organization_id, name, description), update (name, description) on contact_lists to adsapp_operator;
grant select, insert, update on contact_lists to adsapp_worker;

create table contact_list_members (
  organization_id uuid not null,
  list_id uuid not null,
  contact_id uuid not null,
  added_at timestamptz not null default adsapp_now(),
  primary key (list_id, contact_id, organization_id),
  constraint contact_list_members_list_fkey foreign key (organization_id, list_id) references contact_lists (organization_id, id) on delete cascade,
  constraint contact_list_members_contact_fkey foreign key (organization_id, contact_id) references contacts (organization_id, id) on delete cascade
);
create index contact_list_members_contact_idx on contact_list_members (contact_id);
call adsapp_wall('contact_list_members', 'Users can access contact list members in their org');
grant select, delete on contact_list_members to adsapp_operator;
grant insert (organization_id, list_id, contact_id) on contact_list_members to adsapp_operator;
grant select, insert, delete on contact_list_members to adsapp_worker;

-- Where an insert leaves organization_id out, the parent knows it.
create function tg_contact_tags__organization() returns trigger language plpgsql set search_path = '' as $$
begin
  select c.organization_id into new.organization_id from public.contacts c where c.id = new.contact_id;
  return new;
end $$;
create trigger _100_organization before insert on contact_tags for each row
  when (new.organization_id is null) execute function tg_contact_tags__organization();
create trigger _100_organization before insert on contact_list_members for each row
  when (new.organization_id is null) execute function tg_contact_tags__organization();

create table message_templates (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null default adsapp_organization_id() references organizations on delete cascade,
  provider_template_id text,
  name text not null constraint name_is_plain check (name ~ '^[a-z0-9_]+$' and length(name) <= 512),
  language text not null constraint language_is_a_code check (language ~ '^[a-z]{2,3}(_[A-Z]{2})?$'),
  category text not null constraint category_is_known check (category in ('MARKETING', 'UTILITY', 'AUTHENTICATION')),
  status text not null default 'PENDING',
  parameter_format text not null default 'POSITIONAL' constraint parameter_format_is_known check (parameter_format in ('POSITIONAL', 'NAMED')),
  components jsonb not null constraint components_is_array check (jsonb_typeof(components) = 'array'),
  variables text[] not null default '{}',
  quality text,
  created_at timestamptz not null default adsapp_now(),
  updated_at timestamptz not null default adsapp_now(),
  primary key (id, organization_id),
  constraint message_templates_name_key unique (organization_id, name, language)
);
comment on column message_templates.variables is 'the body''s variables in order: 1, 2 … or names';
call adsapp_wall('message_templates', 'Users can access message templates in their org');
grant select, delete on message_templates to adsapp_operator;
grant insert (organization_id, provider_template_id, name, language, category, status, parameter_format, components, variables, quality),
      update (provider_template_id, category, status, parameter_format, components, variables, quality, updated_at) on message_templates to adsapp_operator;
grant select, insert, update on message_templates to adsapp_worker;
