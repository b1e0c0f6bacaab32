drop table profiles;
drop table organizations;
drop procedure adsapp_wall(regclass, text);
drop function adsapp_organization_id();
drop function adsapp_profile_role();
drop function adsapp_is_timezone(text);
drop function adsapp_now();

do $$
begin
  if obj_description(to_regprocedure('auth.uid()'), 'pg_proc') = 'made by adsapp' then
    drop function auth.uid();
    revoke usage on schema auth from adsapp_worker, adsapp_operator;
    if obj_description(to_regnamespace('auth'), 'pg_namespace') = 'made by adsapp'
       and not exists (select from pg_catalog.pg_class where relnamespace = 'auth'::regnamespace)
       and not exists (select from pg_catalog.pg_proc where pronamespace = 'auth'::regnamespace) then
      drop schema auth;
    end if;
  end if;
end $$;

revoke usage on schema public from adsapp_worker, adsapp_operator;

do $$
begin
  if to_regclass('public.adsapp_migrations') is not null then
    revoke select on public.adsapp_migrations from adsapp_worker, adsapp_operator;
  end if;
end $$;

-- Other databases of the cluster may still use the roles: then they stay.
do $$
declare r text;
begin
  foreach r in array array['adsapp_worker', 'adsapp_operator'] loop
    begin
      execute format('drop role %I', r);
    exception when dependent_objects_still_exist or insufficient_privilege or object_in_use then null;
    end;
  end loop;
end $$;
