import { expect, it } from "vitest";
import { owner } from "../../src/db/identity.ts";
import { useDatabase } from "./drip-setup.ts";
import { tenantTables } from "./tenant-tables.ts";

const base = useDatabase();

const findings = (query: string) => base.database.transaction(owner, (tx) => tx.query(query));

it("has row security enabled, forced, and a policy for each role on every table but the migrations' own", async () => {
  expect(
    await findings(
      `select c.relname, c.relrowsecurity, c.relforcerowsecurity, p.roles
         from pg_class c
         cross join lateral (select array_agg(distinct r.rolname::text order by r.rolname::text) as roles
                               from pg_policy p join pg_roles r on r.oid = any (p.polroles) where p.polrelid = c.oid and p.polpermissive) p
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname !~ '^adsapp_migrations'
          and not (c.relrowsecurity and c.relforcerowsecurity
                   and p.roles = case c.relname when 'tick_runs' then array['adsapp_worker'] else array['adsapp_operator', 'adsapp_worker'] end)`,
    ),
  ).toEqual([]);
});

it("has an index for every foreign key, on its columns before any other", async () => {
  expect(
    await findings(
      `select k.conname from pg_constraint k
        where k.contype = 'f' and k.connamespace = 'public'::regnamespace
          and not exists (
            select from pg_index i
              join pg_attribute first on first.attrelid = i.indrelid and first.attnum = i.indkey[0]
             where i.indrelid = k.conrelid and i.indisvalid and first.attnum = any (k.conkey)
               and (first.attname <> 'organization_id' or array_length(k.conkey, 1) = 1 or i.indkey[1] = any (k.conkey))
               and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', first.attname)))`,
    ),
  ).toEqual([]);
});

it("fixes the search_path of every definer function and lets PUBLIC execute none", async () => {
  const definer = `from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef`;
  expect(
    await findings(
      `select p.proname ${definer}
          and (not coalesce(p.proconfig, '{}') && array['search_path=""', 'search_path='] or p.proacl is null
               or exists (select from aclexplode(p.proacl) a where a.grantee = 0))`,
    ),
  ).toEqual([]);
  expect((await findings(`select ${definer}`)).length).toBeGreaterThanOrEqual(5);
});

it("has no view that reads with its owner's eyes", async () => {
  expect(
    await findings(
      `select c.relname from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('v', 'm')
          and not coalesce(c.reloptions, '{}') && array['security_invoker=true', 'security_invoker=on']`,
    ),
  ).toEqual([]);
});

it("grants nothing to PUBLIC, TRUNCATE to nobody, and operators no key and no organization to set afterwards", async () => {
  expect(
    await findings(
      `select c.relname, a.privilege_type from pg_class c cross join lateral aclexplode(c.relacl) a
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
          and (a.grantee = 0 or (a.grantee <> c.relowner and a.privilege_type in ('TRUNCATE', 'TRIGGER', 'REFERENCES')))`,
    ),
  ).toEqual([]);
  const tables = await base.database.transaction(owner, tenantTables);
  const keys = tables.filter(
    ({ insertable, updatable }) =>
      insertable.includes("id") || updatable.includes("id") || updatable.includes("organization_id"),
  );
  expect(keys).toEqual([]);
});

it("has roles that are groups: no login, no way around row security", async () => {
  expect(
    await findings(
      "select rolname, rolcanlogin, rolsuper, rolbypassrls from pg_roles where rolname ~ '^adsapp_(worker|operator)$' order by 1",
    ),
  ).toEqual([
    { rolname: "adsapp_operator", rolcanlogin: false, rolsuper: false, rolbypassrls: false },
    { rolname: "adsapp_worker", rolcanlogin: false, rolsuper: false, rolbypassrls: false },
  ]);
});
