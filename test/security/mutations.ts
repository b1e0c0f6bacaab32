import type { Transaction } from "../../src/db/database.ts";

/** One thing less, or one more, than the schema has; and the table whose wall it touches. */
export interface Mutation {
  table: string;
  statement: string;
}

interface Policy {
  table: string;
  name: string;
  permissive: boolean;
  qual: boolean;
  check: boolean;
}

/** Each policy dropped, opened in each of its conditions, and given to everybody. */
export async function policyMutations(tx: Transaction): Promise<Mutation[]> {
  const policies = await tx.query<Policy>(
    `select c.relname as table, p.polname as name, p.polpermissive as permissive,
            coalesce(pg_get_expr(p.polqual, p.polrelid), 'true') <> 'true' as qual, coalesce(pg_get_expr(p.polwithcheck, p.polrelid), 'true') <> 'true' as check
       from pg_policy p join pg_class c on c.oid = p.polrelid where c.relnamespace = 'public'::regnamespace order by 1, 2`,
  );
  return policies.flatMap(({ table, name, permissive, qual, check }) => {
    const policy = `"${name}" on ${table}`;
    const statements = [`drop policy ${policy}`];
    if (qual) statements.push(`alter policy ${policy} using (true)`);
    if (check) statements.push(`alter policy ${policy} with check (true)`);
    if (permissive) statements.push(`alter policy ${policy} to adsapp_operator, adsapp_worker`);
    else statements.push(`alter policy ${policy} to adsapp_worker`);
    return statements.map((statement) => ({ table, statement }));
  });
}

/** Each table without row level security, and without its being forced on the owner. */
export async function tableMutations(tx: Transaction): Promise<Mutation[]> {
  const tables = await tx.query<{ table: string }>(
    "select relname as table from pg_class where relnamespace = 'public'::regnamespace and relrowsecurity order by 1",
  );
  return tables.flatMap(({ table }) =>
    ["disable row level security", "no force row level security"].map((change) => ({
      table,
      statement: `alter table ${table} ${change}`,
    })),
  );
}

/** Each grant of a table taken away, and each that there is not given. */
export async function grantMutations(tx: Transaction): Promise<Mutation[]> {
  const rights = await tx.query<{ table: string; role: string; verb: string; granted: boolean }>(
    `select c.relname as table, r.role, v.verb, has_any as granted
       from pg_class c cross join unnest(array['adsapp_worker', 'adsapp_operator']) r(role)
      cross join unnest(array['select', 'insert', 'update', 'delete', 'truncate']) v(verb)
      cross join lateral (select has_table_privilege(r.role, c.oid, v.verb)
                              or v.verb in ('select', 'insert', 'update') and has_any_column_privilege(r.role, c.oid, v.verb) as has_any) h
      where c.relnamespace = 'public'::regnamespace and c.relrowsecurity order by 1, 2, 3`,
  );
  return rights.map(({ table, role, verb, granted }) => ({
    table,
    statement: granted ? `revoke ${verb} on ${table} from ${role}` : `grant ${verb} on ${table} to ${role}`,
  }));
}

/** Each definer function open to everybody, and with the caller's search_path. */
export async function functionMutations(tx: Transaction): Promise<Mutation[]> {
  const functions = await tx.query<{ name: string }>(
    "select p.oid::regprocedure::text as name from pg_proc p where p.prosecdef and p.pronamespace = 'public'::regnamespace order by 1",
  );
  return functions.flatMap(({ name }) =>
    [`grant execute on function ${name} to public`, `alter function ${name} reset search_path`].map(
      (statement) => ({ table: "", statement }),
    ),
  );
}
