import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { owner } from "../../src/db/identity.ts";
import { createTestDatabase } from "../support/database.ts";
import { dumpSchema, SCHEMA_FILE } from "../support/dump.ts";

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url });
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

it("is what test/schema.sql says; where a migration changed it on purpose, run: npm run db:dump", async () => {
  expect(await dumpSchema(testDatabase.url)).toBe(readFileSync(SCHEMA_FILE, "utf8"));
});

class RolledBack extends Error {}

/** The lines that a statement adds to the dump (+), and takes from it (-). */
async function linesChangedBy(statement: string): Promise<string[]> {
  let changed: string[] = [];
  const run = database.transaction(owner, async ({ client }) => {
    const before = (await dumpSchema(client)).split("\n");
    await client.query(statement);
    const after = (await dumpSchema(client)).split("\n");
    changed = [...without(after, before, "+ "), ...without(before, after, "- ")];
    throw new RolledBack();
  });
  await expect(run).rejects.toThrow(RolledBack);
  return changed;
}

/** Lines of `these` that are not in `those`, or there less often. */
function without(these: readonly string[], those: readonly string[], sign: string): string[] {
  const left = new Map<string, number>();
  for (const line of those) left.set(line, (left.get(line) ?? 0) + 1);
  return these.flatMap((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count > 0 ? [] : [sign + line.trim()];
  });
}

it.each([
  ["a column", "alter table contacts add nickname text default 'x'", "+ nickname text default 'x'::text"],
  ["a default", "alter table contacts alter language set default 'nl'", "+ language text default 'nl'::text"],
  ["not null", "alter table contacts alter language set not null", "+ language text not null"],
  [
    "a constraint",
    "alter table contacts add constraint short check (length(language) < 9)",
    "+ constraint short",
  ],
  ["an index", "create index x on contacts (language)", "+ CREATE INDEX x ON public.contacts"],
  ["a trigger", "drop trigger _910_audit on contacts", "- CREATE TRIGGER _910_audit"],
  ["a trigger that is off", "alter table contacts disable trigger _910_audit", "(enabled: D)"],
  [
    "a policy's role",
    'alter policy "Workers serve all organizations" on contacts to public',
    "to public using (true)",
  ],
  [
    "a policy's condition",
    'alter policy "Viewers do not update" on contacts using (true)',
    '+ policy "Viewers do not update" as restrictive for update to adsapp_operator using (true)',
  ],
  [
    "row security",
    "alter table contacts no force row level security",
    "+ table public.contacts, row level security",
  ],
  [
    "a storage option",
    "alter table contacts set (fillfactor = 50)",
    "+ table public.contacts with (fillfactor=50)",
  ],
  ["a grant on a table", "grant delete on contacts to adsapp_worker", "+ grant delete to adsapp_worker"],
  [
    "a grant on a column",
    "grant update (created_at) on contacts to adsapp_operator",
    "created_at, updated_at) to adsapp_operator",
  ],
  ["a grant to everybody", "grant select on contacts to public", "+ grant select to public"],
  [
    "a grant on a function",
    "grant execute on function adsapp_profile_role() to public",
    "+ grant execute to public",
  ],
  [
    "a function's body",
    "create or replace function adsapp_now() returns timestamptz language sql stable as 'select now()'",
    "select now()",
  ],
  ["volatility", "alter function adsapp_now() volatile", "- STABLE PARALLEL SAFE"],
  ["a type", "create type mood as enum ('good', 'bad')", "+ 'good'"],
  [
    "a view",
    "create view people with (security_invoker) as select id from contacts",
    "+ view public.people with (security_invoker=true)",
  ],
  ["a comment", "comment on column contacts.phone is 'E.164'", "+ comment on phone: E.164"],
])("shows %s that changed", async (_what, statement, line) => {
  expect((await linesChangedBy(statement)).filter((changed) => changed.includes(line))).not.toEqual([]);
});

async function asked<R extends object>(sql: string): Promise<R[]> {
  return database.transaction(owner, (tx) => tx.query<R>(sql));
}

describe("an id that begins with its time", () => {
  it("is a UUID of version 7: its milliseconds, then what nobody guesses", async () => {
    const before = Date.now();
    const rows = await asked<{ id: string }>(
      "select adsapp_ordered_id() as id from generate_series(1, 2000)",
    );
    const after = Date.now();
    for (const { id } of rows) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      const at = Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
      expect(at).toBeGreaterThanOrEqual(before - 1);
      expect(at).toBeLessThanOrEqual(after + 1);
    }
    expect(new Set(rows.map(({ id }) => id.slice(14))).size).toBe(2000);
  });

  it("comes after those of earlier milliseconds", async () => {
    const rows = await asked<{ id: string }>(
      "select adsapp_ordered_id() as id from generate_series(1, 20000)",
    );
    const times = rows.map(({ id }) => id.slice(0, 13));
    expect(times).toEqual(times.toSorted());
    expect(new Set(times).size).toBeGreaterThan(5);
  });

  it("is that of every job, log and message", async () => {
    const rows = await asked<{ table: string }>(`
      select a.attrelid::regclass::text as table from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
       where pg_get_expr(d.adbin, d.adrelid) = 'adsapp_ordered_id()' order by 1`);
    expect(rows.map(({ table }) => table)).toEqual(["bulk_message_jobs", "drip_message_logs", "messages"]);
  });
});
