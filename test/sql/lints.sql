What must hold of every table, function, index and view of the schema. Each query gives one row a `finding`. knex's two
tables are no tables of ours.

-- name: row_security
select c.relname::text as finding from pg_class c
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname !~ '^adsapp_migrations'
   and not (c.relrowsecurity and c.relforcerowsecurity)

-- name: policy_for_each_role
select format('%s: %s', c.relname, r.rolname) as finding
  from pg_class c cross join pg_roles r
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname !~ '^adsapp_migrations'
   and r.rolname in ('adsapp_worker', 'adsapp_operator') and (c.relname, r.rolname) <> ('tick_runs', 'adsapp_operator')
   and not exists (select from pg_policy p where p.polrelid = c.oid and p.polpermissive and r.oid = any (p.polroles))

-- name: operators_within_their_organization
select format('%s: %s', p.polrelid::regclass, p.polname) as finding
  from pg_policy p
 where p.polpermissive and not ('adsapp_worker'::regrole::oid = all (p.polroles))
   and (pg_get_expr(p.polqual, p.polrelid) !~ '^\((organization_)?id = \( SELECT adsapp_organization_id\(\) AS adsapp_organization_id\)\)$'
        or pg_get_expr(p.polqual, p.polrelid) <> pg_get_expr(p.polwithcheck, p.polrelid)
        or p.polqual is null or (p.polwithcheck is null and p.polcmd <> 'r'))

-- name: rows_have_an_organization
-- (a webhook's body has none until it is known whose sender it names)
select c.relname::text as finding from pg_class c
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname !~ '^adsapp_migrations'
   and c.relname not in ('organizations', 'tick_runs', 'webhook_inbox')
   and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'organization_id' and a.attnotnull)

-- name: references_stay_in_the_organization
select k.conname::text as finding
  from pg_constraint k
  join pg_attribute o on o.attrelid = k.conrelid and o.attname = 'organization_id'
  join pg_attribute p on p.attrelid = k.confrelid and p.attname = 'organization_id'
 where k.contype = 'f' and k.connamespace = 'public'::regnamespace
   and not exists (select from unnest(k.conkey, k.confkey) as pair(own, their) where pair.own = o.attnum and pair.their = p.attnum)

-- name: references_are_indexed
-- By its own column first: organization_id alone would read a tenant's whole table.
select k.conname::text as finding
  from pg_constraint k
 where k.contype = 'f' and k.connamespace = 'public'::regnamespace
   and not exists (
     select from pg_index i join pg_attribute first on first.attrelid = i.indrelid and first.attnum = i.indkey[0]
      where i.indrelid = k.conrelid and i.indisvalid and first.attnum = any (k.conkey)
        and (first.attname <> 'organization_id' or array_length(k.conkey, 1) = 1 or i.indkey[1] = any (k.conkey))
        and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', first.attname)))

-- name: references_say_what_a_delete_does
select k.conname::text as finding from pg_constraint k
 where k.contype = 'f' and k.connamespace = 'public'::regnamespace and k.confdeltype = 'a'

-- name: definer_functions_have_a_search_path
select p.proname::text as finding from pg_proc p
 where p.pronamespace = 'public'::regnamespace and p.prosecdef and not coalesce(p.proconfig, '{}') @> array['search_path=""']

-- name: definer_functions_are_not_for_everybody
select p.proname::text as finding
  from pg_proc p cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
 where p.pronamespace = 'public'::regnamespace and p.prosecdef and a.grantee = 0

-- name: trigger_functions_that_write_are_definers
-- Counting, planning and auditing work whoever writes; what only fills in the row goes by the caller's rights.
select p.proname::text as finding from pg_proc p
 where p.pronamespace = 'public'::regnamespace and p.prorettype = 'trigger'::regtype and not p.prosecdef and p.prosrc ~* '\m(insert|update|delete)\M'

-- name: nobody_truncates
select format('%s: %s to %s', c.relname, lower(a.privilege_type), case a.grantee when 0 then 'public' else a.grantee::regrole::text end) as finding
  from pg_class c cross join lateral aclexplode(c.relacl) a
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
   and (a.grantee = 0 or (a.grantee <> c.relowner and a.privilege_type in ('TRUNCATE', 'TRIGGER', 'REFERENCES')))

-- name: operators_choose_no_keys
select format('%s.%s: %s', c.relname, a.attname, v.verb) as finding
  from pg_class c join pg_attribute a on a.attrelid = c.oid cross join (values ('insert'), ('update')) as v(verb)
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
   and (a.attname = 'id' or (a.attname = 'organization_id' and v.verb = 'update')) and has_column_privilege('adsapp_operator', c.oid, a.attnum, v.verb)

-- name: views_read_with_the_callers_eyes
select c.relname::text as finding from pg_class c
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('v', 'm') and not coalesce(c.reloptions, '{}') && array['security_invoker=true', 'security_invoker=on']

-- name: no_index_holds_the_status_of_jobs
-- Else each step of a row's life rewrites all of its indexes (reference: sending findings).
select distinct i.indexrelid::regclass::text as finding
  from pg_index i
  join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = i.indexrelid and d.refclassid = 'pg_class'::regclass and d.refobjid = i.indrelid
  join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
 where i.indrelid = 'bulk_message_jobs'::regclass and a.attname = 'status'

-- name: counting_is_by_statement
select format('%s on %s', t.tgname, t.tgrelid::regclass) as finding
  from pg_trigger t join pg_proc p on p.oid = t.tgfoid
 where not t.tgisinternal and (p.proname ~ '__count$' or p.proname = 'track_message_delivery') and (t.tgtype & 1 = 1 or coalesce(t.tgnewtable, t.tgoldtable) is null)

-- name: the_clock_can_be_an_index_condition
-- STABLE, and nothing set, so that it is inlined.
select format('%s: %s %s', p.proname, p.provolatile, p.proconfig) as finding from pg_proc p
 where p.oid = 'adsapp_now()'::regprocedure and (p.provolatile <> 's' or p.proconfig is not null or p.prolang <> (select oid from pg_language where lanname = 'sql'))

-- name: triggers_have_an_order
select format('%s on %s', t.tgname, t.tgrelid::regclass) as finding from pg_trigger t join pg_class c on c.oid = t.tgrelid
 where not t.tgisinternal and c.relnamespace = 'public'::regnamespace and t.tgname !~ '^_[0-9]{3}_[a-z_]+$'
