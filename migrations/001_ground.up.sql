-- Roles, identity, clock, walls: what every later table stands on.

do $$
declare
  r text;
  v16 constant boolean := current_setting('server_version_num')::int >= 160000;
begin
  foreach r in array array['adsapp_worker', 'adsapp_operator'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = r) then
      begin
        execute format('create role %I nologin', r);
      exception when duplicate_object or unique_violation then null; -- another migration run was first
      end;
    end if;
    -- 16 and newer give the creator ADMIN only; 15 does not know the option
    if not (pg_has_role(current_user, r, 'USAGE') and pg_has_role(current_user, r, case when v16 then 'SET' else 'MEMBER' end)) then
      execute format('grant %I to current_user', r) || case when v16 then ' with inherit true, set true' else '' end;
    end if;
    if not pg_has_role(current_user, r, 'USAGE') then
      raise exception '% does not inherit %', current_user, r using errcode = 'insufficient_privilege', hint = format('ALTER ROLE %I INHERIT;', current_user);
    end if;
  end loop;
end $$;

grant usage on schema public to adsapp_worker, adsapp_operator;

-- Every command asks what has run (knex's own table).
do $$
begin
  if to_regclass('public.adsapp_migrations') is not null then
    grant select on public.adsapp_migrations to adsapp_worker, adsapp_operator;
  end if;
end $$;

-- Supabase has auth.uid(); elsewhere it is made here, and the comments tell `down` what is ours.
do $$
begin
  if to_regprocedure('auth.uid()') is null then
    if to_regnamespace('auth') is null then
      create schema auth;
      comment on schema auth is 'made by adsapp';
    end if;
    execute $f$
      create function auth.uid() returns uuid language sql stable set search_path = '' as $body$
        select coalesce(
          nullif(current_setting('request.jwt.claim.sub', true), ''),
          nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid
      $body$ $f$;
    comment on function auth.uid() is 'made by adsapp';
    grant usage on schema auth to adsapp_worker, adsapp_operator;
  end if;
end $$;

-- The only clock. STABLE, so that it is an index condition; no search_path, so that it is inlined.
create function adsapp_now() returns timestamptz language sql stable parallel safe as $$
  select statement_timestamp() + coalesce(nullif(current_setting('adsapp.now_offset', true), '')::interval, interval '0')
$$;
comment on function adsapp_now() is 'statement_timestamp() plus the setting adsapp.now_offset (an interval), set by --now';

create function adsapp_is_timezone(zone text) returns boolean language plpgsql stable parallel safe set search_path = '' as $$
begin
  perform now() at time zone zone;
  return zone ~ '^[A-Za-z]+(/[A-Za-z0-9_+-]+)*$';
exception when invalid_parameter_value then
  return false;
end $$;

create table organizations (
  id uuid primary key default gen_random_uuid(),
  name text not null constraint name_is_given check (btrim(name) <> ''),
  slug text not null unique constraint slug_is_plain check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  timezone text not null default 'Europe/Amsterdam' constraint timezone_is_iana check (adsapp_is_timezone(timezone)),
  default_country text not null default 'NL' constraint country_is_iso check (default_country ~ '^[A-Z]{2}$'),
  business_hours jsonb not null default '{}' constraint business_hours_is_object check (jsonb_typeof(business_hours) = 'object'),
  settings jsonb not null default '{}' constraint settings_is_object check (jsonb_typeof(settings) = 'object'),
  paused_at timestamptz,
  created_at timestamptz not null default adsapp_now()
);

create table profiles (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null references organizations on delete cascade,
  full_name text not null,
  email text not null,
  role text not null default 'agent' constraint role_is_known check (role in ('admin', 'agent', 'viewer')),
  created_at timestamptz not null default adsapp_now(),
  primary key (id, organization_id),
  constraint profiles_id_key unique (id), -- a person (auth.uid()) belongs to one organization
  constraint profiles_email_key unique (organization_id, email)
);

-- Definer helpers: the policies' only way to the caller's profile (a policy on profiles that reads profiles recurses).
create function adsapp_organization_id() returns uuid language sql stable security definer set search_path = '' as $$
  select organization_id from public.profiles where id = auth.uid()
$$;
create function adsapp_profile_role() returns text language sql stable security definer set search_path = '' as $$
  select role from public.profiles where id = auth.uid()
$$;
revoke execute on function adsapp_organization_id(), adsapp_profile_role() from public;
grant execute on function adsapp_organization_id(), adsapp_profile_role() to adsapp_worker, adsapp_operator;

-- The wall of a tenant table: one permissive policy a role, and viewers kept from every write.
-- Restrictive policies also meet an owner who inherits adsapp_operator, so they deny viewers instead of allowing others.
create procedure adsapp_wall(tenant_table regclass, title text) language plpgsql set search_path = 'public' as $$
declare
  verb text;
begin
  execute format('alter table %s enable row level security', tenant_table);
  execute format('alter table %s force row level security', tenant_table);
  execute format('create policy %I on %s for all to adsapp_operator
                    using (organization_id = (select adsapp_organization_id()))
                    with check (organization_id = (select adsapp_organization_id()))', title, tenant_table);
  execute format('create policy "Workers serve all organizations" on %s for all to adsapp_worker using (true) with check (true)', tenant_table);
  foreach verb in array array['insert', 'update', 'delete'] loop
    execute format('create policy %I on %s as restrictive for %s to adsapp_operator %s (coalesce((select adsapp_profile_role()), '''') <> ''viewer'')',
                   'Viewers do not ' || verb, tenant_table, verb, case verb when 'insert' then 'with check' else 'using' end);
  end loop;
end $$;
revoke execute on procedure adsapp_wall(regclass, text) from public;

alter table organizations enable row level security;
alter table organizations force row level security;
create policy "Users can see their organization" on organizations for all to adsapp_operator
  using (id = (select adsapp_organization_id())) with check (id = (select adsapp_organization_id()));
create policy "Workers serve all organizations" on organizations for all to adsapp_worker using (true) with check (true);
create policy "Admins change their organization" on organizations as restrictive for update to adsapp_operator
  using (coalesce((select adsapp_profile_role()), 'admin') = 'admin');
grant select on organizations to adsapp_operator;
grant update (name, timezone, default_country, business_hours, settings, paused_at) on organizations to adsapp_operator;
grant select, insert, update on organizations to adsapp_worker;

call adsapp_wall('profiles', 'Users can access profiles in their org');
create policy "Admins add profiles" on profiles as restrictive for insert to adsapp_operator
  with check (coalesce((select adsapp_profile_role()), 'admin') = 'admin');
create policy "Admins change profiles" on profiles as restrictive for update to adsapp_operator
  using (coalesce((select adsapp_profile_role()), 'admin') = 'admin');
create policy "Admins remove profiles" on profiles as restrictive for delete to adsapp_operator
  using (coalesce((select adsapp_profile_role()), 'admin') = 'admin');
grant select, delete on profiles to adsapp_operator;
grant insert (organization_id, full_name, email, role), update (full_name, email) on profiles to adsapp_operator;
grant select, insert, update on profiles to adsapp_worker;
