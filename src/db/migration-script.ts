/** A backfill that sees no rows fails; the bodies of functions over walled tables would too, if they were checked. */
const SETTINGS = ["row_security = off", "check_function_bodies = off", "search_path = public"];

/** For a migration that runs in a transaction of its own. */
export function localSettings(): string {
  return SETTINGS.map((setting) => `set local ${setting};`).join("\n");
}

/** For one of a file whose transaction is somebody else's affair: set before it, and reset after it. */
export function sessionSettings(): { set: string; reset: string } {
  return {
    set: SETTINGS.map((setting) => `set ${setting};`).join("\n"),
    reset: SETTINGS.map((setting) => `reset ${setting.split(" ")[0]};`).join("\n"),
  };
}

/**
 * What a migration makes, withheld from those to whom a hosted PostgreSQL's default privileges hand all that is new: Supabase's
 * `anon` and `authenticated` could else call every function of ours by its REST API. What was there before keeps its grants.
 */
export function withheld(sql: string): string {
  return `${BEFORE}\n${sql}\n${AFTER}`;
}

const OBJECTS = `select oid, 'table' as kind, oid::regclass::text as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'm')
  union all select oid, 'sequence', oid::regclass::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'S'
  union all select oid, 'routine', oid::regprocedure::text from pg_proc where pronamespace = 'public'::regnamespace and prokind <> 'a'`;

const BEFORE = `create temporary table adsapp_before as select oid from (${OBJECTS}) o;`;

const AFTER = `do $$
declare
  made record;
begin
  for made in
    select o.kind, o.name, r.rolname
      from (${OBJECTS}) o cross join pg_roles r
     where r.rolname in ('anon', 'authenticated') and o.oid not in (select b.oid from adsapp_before b)
  loop
    execute format('revoke all on %s %s from %I', made.kind, made.name, made.rolname);
  end loop;
end $$;
drop table adsapp_before;`;
