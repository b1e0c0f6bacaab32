What must hold of the schema, whoever changed it; as in audit.sql.

-- name: every_table_is_walled
-- Each table that a role of ours may touch: row security on and forced, and no policy lets an operator past the tenant.
with ours as (
  select r.oid, r.rolname, r.rolsuper or r.rolbypassrls as sees_all from pg_roles r where r.rolname in ('adsapp_worker', 'adsapp_operator')
), grants as (
  select c.oid as table_oid, a.grantee from pg_class c cross join lateral aclexplode(c.relacl) a where c.relkind in ('r', 'p')
  union
  select t.attrelid, a.grantee from pg_attribute t join pg_class c on c.oid = t.attrelid and c.relkind in ('r', 'p') cross join lateral aclexplode(t.attacl) a
), granted as (
  select c.oid, c.relname, c.relrowsecurity and c.relforcerowsecurity as walled, array_agg(o.oid) as roles
    from grants g join ours o on o.oid = g.grantee join pg_class c on c.oid = g.table_oid
   where c.relnamespace = 'public'::regnamespace and c.relname !~ '^adsapp_migrations'
   group by c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity
)
select format('table %s: row security is not on, or not forced', t.relname) as example from granted t where not t.walled
union all
select format('table %s: no policy for %s', t.relname, o.rolname)
  from granted t join ours o on o.oid = any (t.roles)
 where not exists (select from pg_policy p where p.polrelid = t.oid and p.polpermissive and o.oid = any (p.polroles))
union all
select format('table %s: policy "%s" lets operators past their organization', t.relname, p.polname)
  from granted t join pg_policy p on p.polrelid = t.oid and p.polpermissive and (0 = any (p.polroles) or p.polroles && (select array_agg(o.oid) from ours o where o.rolname = 'adsapp_operator'))
 where coalesce(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) !~ 'adsapp_organization_id\(\)'
union all
select format('role %s sees every row', o.rolname) from ours o where o.sees_all
