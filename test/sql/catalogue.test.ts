import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database, type Transaction } from "../../src/db/database.ts";
import { operator, owner } from "../../src/db/identity.ts";
import { namedQueries } from "../../src/db/queries.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeOrganization } from "../support/factories.ts";
import text from "./lints.sql";

const LINTS = [...text.matchAll(/^-- name: (\w+)$/gm)].map((match) => match[1] as string);
const sql = namedQueries(text, ...LINTS);

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

class RolledBack extends Error {}

/** What `look` sees after a statement; nothing of it stays. */
async function having<T>(statement: string, look: (tx: Transaction) => Promise<T>): Promise<T> {
  let seen: { value: T } | undefined;
  const run = database.transaction(owner, async (tx) => {
    await tx.client.query(statement);
    seen = { value: await look(tx) };
    throw new RolledBack();
  });
  await expect(run).rejects.toThrow(RolledBack);
  return (seen as { value: T }).value;
}

const findings = (lint: string) => async (tx: Transaction) =>
  (await tx.query<{ finding: string }>(sql[lint] as string)).map(({ finding }) => finding);

/** A lint, what somebody might write one day, and what the lint then says. */
const BAD_CASES: [lint: string, statement: string, finding: string][] = [
  ["row_security", "create table t (id uuid)", "t"],
  ["row_security", "create table t (id uuid); alter table t enable row level security", "t"],
  ["row_security", "alter table contacts disable row level security", "contacts"],
  ["policy_for_each_role", "create table t (id uuid)", "t: adsapp_worker"],
  [
    "policy_for_each_role",
    'drop policy "Users can access contacts in their org" on contacts',
    "contacts: adsapp_operator",
  ],
  [
    "policy_for_each_role",
    'alter policy "Workers serve all organizations" on contacts to adsapp_operator',
    "contacts: adsapp_worker",
  ],
  [
    "operators_within_their_organization",
    "create policy open on contacts for select to adsapp_operator using (true)",
    "contacts: open",
  ],
  [
    "operators_within_their_organization",
    'create policy "half open" on contacts to public using (organization_id = (select adsapp_organization_id())) with check (true)',
    "contacts: half open",
  ],
  [
    "operators_within_their_organization",
    "create policy slow on contacts to adsapp_operator using (organization_id in (select organization_id from profiles where id = auth.uid()))",
    "contacts: slow",
  ],
  ["viewers_write_nowhere", 'drop policy "Viewers do not delete" on contacts', "contacts: delete"],
  [
    "viewers_write_nowhere",
    'alter policy "Viewers do not insert" on lane_windows with check (true)',
    "lane_windows: insert",
  ],
  [
    "workers_policies_are_theirs_alone",
    'alter policy "Workers serve all organizations" on contacts to adsapp_worker, adsapp_operator',
    "contacts: Workers serve all organizations",
  ],
  ["rows_have_an_organization", "create table t (organization_id uuid)", "t"],
  ["rows_have_an_organization", "create table t (id uuid primary key)", "t"],
  [
    "references_stay_in_the_organization",
    "create table t (organization_id uuid not null, profile_id uuid constraint t_fkey references profiles (id))",
    "t_fkey",
  ],
  [
    "references_are_indexed",
    "create table t (contact_id uuid, organization_id uuid, constraint t_fkey foreign key (organization_id, contact_id) references contacts (organization_id, id))",
    "t_fkey",
  ],
  ["references_are_indexed", "drop index messages_job_idx", "messages_job_fkey"],
  [
    "references_are_indexed",
    "drop index contacts_import_idx; create index on contacts (import_id) where blocked_at is null",
    "contacts_import_fkey",
  ],
  [
    "references_say_what_a_delete_does",
    "create table t (id uuid constraint t_fkey references organizations)",
    "t_fkey",
  ],
  [
    "definer_functions_have_a_search_path",
    "create function f() returns int language sql security definer as 'select 1'",
    "f",
  ],
  [
    "definer_functions_have_a_search_path",
    "alter function adsapp_organization_id() set search_path = public",
    "adsapp_organization_id",
  ],
  [
    "definer_functions_are_not_for_everybody",
    "create function f() returns int language sql security definer set search_path = '' as 'select 1'",
    "f",
  ],
  [
    "definer_functions_are_not_for_everybody",
    "grant execute on function track_message_delivery() to public",
    "track_message_delivery",
  ],
  ["trigger_functions_that_write_are_definers", "alter function tg_audit() security invoker", "tg_audit"],
  ["nobody_truncates", "grant truncate on contacts to adsapp_worker", "contacts: truncate to adsapp_worker"],
  ["nobody_truncates", "grant select on contacts to public", "contacts: select to public"],
  ["nobody_truncates", "grant all on contacts to adsapp_operator", "contacts: truncate to adsapp_operator"],
  ["operators_choose_no_keys", "grant insert on contacts to adsapp_operator", "contacts.id: insert"],
  [
    "operators_choose_no_keys",
    "grant update (organization_id) on contacts to adsapp_operator",
    "contacts.organization_id: update",
  ],
  ["views_read_with_the_callers_eyes", "create view v as select * from contacts", "v"],
  ["views_read_with_the_callers_eyes", "create materialized view v as select * from contacts", "v"],
  [
    "no_index_holds_the_status_of_jobs",
    "create index i on bulk_message_jobs (campaign_id) where status = 'pending'",
    "i",
  ],
  ["no_index_holds_the_status_of_jobs", "create index i on bulk_message_jobs (campaign_id, status)", "i"],
  [
    "no_index_holds_the_status_of_jobs",
    "create index i on bulk_message_jobs (campaign_id) include (status)",
    "i",
  ],
  ["no_index_holds_the_status_of_jobs", "create index i on bulk_message_jobs (lower(status))", "i"],
  [
    "counting_is_by_statement",
    "create trigger _500_each after insert on messages for each row execute function track_message_delivery()",
    "_500_each on messages",
  ],
  ["the_clock_can_be_an_index_condition", "alter function adsapp_now() volatile", "adsapp_now: v "],
  [
    "the_clock_can_be_an_index_condition",
    "alter function adsapp_now() set search_path = ''",
    'adsapp_now: s {"search_path=\\"\\""}',
  ],
  [
    "triggers_have_an_order",
    "create trigger audit after insert on contacts for each row execute function tg_audit()",
    "audit on contacts",
  ],
];

describe("the catalogue", () => {
  it.each(LINTS)("passes the lint %s", async (lint) => {
    expect(await database.transaction(owner, findings(lint))).toEqual([]);
  });

  it.each(BAD_CASES)("fails the lint %s after: %s", async (lint, statement, finding) => {
    expect(await having(statement, findings(lint))).toContain(finding);
  });

  it("has a bad case for every lint", () => {
    expect([...new Set(BAD_CASES.map(([lint]) => lint))].sort()).toEqual([...LINTS].sort());
  });
});

/** The plan of a query on tables of a few rows, as it would be on large ones. */
async function planOf(tx: Transaction, query: string): Promise<string> {
  await tx.run("set local enable_seqscan = off");
  await tx.run("set local enable_bitmapscan = off");
  await tx.run("set local enable_sort = off");
  const rows = await tx.query<Record<string, string>>(`explain (costs off) ${query}`);
  return rows.map((row) => Object.values(row)[0]).join("\n");
}

describe("an index condition", () => {
  const due = (tx: Transaction) =>
    planOf(
      tx,
      "select from bulk_message_jobs where campaign_id = '00000000-0000-0000-0000-000000000000' and next_attempt_at <= adsapp_now()",
    );

  it("is the clock: what is due is found without a look at what is not", async () => {
    const plan = await having("select", due);
    expect(plan).toMatch(/bulk_message_jobs_waiting/);
    expect(plan).toMatch(/Index Cond: .*next_attempt_at <= \(statement_timestamp\(\)/);
  });

  it("is not a clock that is volatile and cannot be inlined", async () => {
    const plan = await having("alter function adsapp_now() volatile set search_path = ''", due);
    expect(plan).not.toMatch(/Index Cond: .*next_attempt_at/);
    expect(plan).toMatch(/Filter: .*next_attempt_at/);
  });

  it("is the operator's organization: the newest contacts come from one tenant's part of the index", async () => {
    const { profileId } = await makeOrganization(database);
    const plan = await database.transaction(operator(profileId), (tx) =>
      planOf(tx, "select id from contacts order by created_at desc limit 20"),
    );
    expect(plan).toMatch(/contacts_created_idx/);
    expect(plan).toMatch(/Index Cond: \(organization_id = /);
  });
});
