-- name: tables
-- Of the names in $1 those that are there: what COPY writes (generated columns make themselves), and all columns by name, so
-- that two databases tell a row alike whatever became of the order of its columns.
select c.relname as name, c.relforcerowsecurity as forced,
       string_agg(quote_ident(a.attname), ', ' order by a.attnum) filter (where a.attgenerated = '') as columns,
       string_agg('t.' || quote_ident(a.attname), ', ' order by a.attname) as whole
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
 where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname = any ($1)
 group by c.oid, c.relname, c.relforcerowsecurity
 order by c.relname

-- name: references
select child.relname as child, parent.relname as parent
  from pg_constraint k join pg_class child on child.oid = k.conrelid join pg_class parent on parent.oid = k.confrelid
 where k.contype = 'f' and child.oid <> parent.oid and child.relnamespace = 'public'::regnamespace

-- name: hiddenTables
-- Those of which this login would not see every row: no superuser's, and without a worker's policy that it inherits.
select c.relname as name
  from pg_class c
 where c.relnamespace = 'public'::regnamespace and c.relname = any ($1) and c.relrowsecurity
   and not exists (select from pg_roles r where r.rolname = current_user and (r.rolsuper or r.rolbypassrls))
   and not (pg_has_role(current_user, 'adsapp_worker', 'USAGE')
            and exists (select from pg_policy p
                         where p.polrelid = c.oid and p.polpermissive and p.polcmd in ('*', 'r')
                           and p.polroles @> array['adsapp_worker'::regrole::oid] and pg_get_expr(p.polqual, p.polrelid) = 'true'))
 order by c.relname

-- name: sequences
select quote_ident(schemaname) || '.' || quote_ident(sequencename) as name, last_value as value
  from pg_sequences
 where schemaname = 'public' and last_value is not null and sequencename !~ '^adsapp_migrations'

-- name: setSequences
select setval(s.name::regclass, s.value) from unnest($1::text[], $2::bigint[]) as s(name, value)

-- name: others
-- Whoever else is connected to this database and may be writing. Of another login's sessions little more than that they are there is shown
-- to a login without privileges. $1 our own.
select pid, coalesce(nullif(application_name, ''), 'a program without a name') as name, usename as login
  from pg_stat_activity
 where datname = current_database() and usename is not null and coalesce(backend_type, 'client backend') = 'client backend' and pid <> all ($1::int[])

-- name: end
select pg_terminate_backend($1)

-- name: isFrozen
-- As every new session of this database will be, but for one that asks otherwise.
select exists (select from pg_db_role_setting s cross join unnest(s.setconfig) c
                where s.setrole = 0 and s.setdatabase = (select oid from pg_database where datname = current_database())
                  and c in ('default_transaction_read_only=on', 'default_transaction_read_only=true')) as frozen
