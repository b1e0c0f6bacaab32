import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database, type Row } from "../../src/db/database.ts";
import { type Identity, operator, owner, worker } from "../../src/db/identity.ts";
import { createTestDatabase } from "../support/database.ts";
import type { TestOrganization } from "../support/factories.ts";
import { makeTenant, type Tenant } from "./tenant.ts";
import { type TenantTable, tenantTables } from "./tenant-tables.ts";

const DENIED = "42501";
const NO_SUCH_PARENT = "23503";

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
let mine: Tenant;
let theirs: Tenant;
let tables: TenantTable[];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url });
  mine = await makeTenant(database, "mine");
  theirs = await makeTenant(database, "theirs");
  tables = await database.transaction(owner, tenantTables);
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

class RolledBack extends Error {}

/** An operator's session in which nobody said who it is. */
const NOBODY = "nobody";
type Who = Identity | typeof NOBODY;

/** How many rows a statement changed or read, or the SQLSTATE with which it was refused. Nothing of it stays. */
async function attempt(
  identity: Who,
  statement: string,
  parameters: readonly unknown[] = [],
): Promise<number | string> {
  let count = -1;
  try {
    await database.transaction(identity === NOBODY ? owner : identity, async (tx) => {
      if (identity === NOBODY) await tx.run("set local role adsapp_operator");
      count = await tx.run(statement, parameters);
      throw new RolledBack();
    });
  } catch (error) {
    if (!(error instanceof RolledBack)) return String((error as { code?: string }).code);
  }
  return count;
}

/** What an attempt on each table answers, by table. */
async function onEach(
  tell: (table: TenantTable) => Promise<number | string>,
): Promise<Record<string, number | string>> {
  const answers: Record<string, number | string> = {};
  for (const table of tables) answers[table.name] = await tell(table);
  return answers;
}

const expectedOnEach = (answer: (table: TenantTable) => number | string) =>
  Object.fromEntries(tables.map((table) => [table.name, answer(table)]));

const rowsOf = (organization: TestOrganization, identity: Identity) => (table: TenantTable) =>
  attempt(identity, `select from ${table.name} where ${table.tenant} = $1`, [organization.id]);

/** Inserts what a row of an organization's says, as far as operators may insert at all. */
async function insertCopy(
  table: TenantTable,
  identity: Identity,
  of: TestOrganization,
  onConflict = "",
): Promise<number | string> {
  const row = await database.transaction(worker, (tx) =>
    tx.one<{ row: Row }>(
      `select to_jsonb(t) as row from ${table.name} t where ${table.tenant} = $1 limit 1`,
      [of.id],
    ),
  );
  const columns = (table.insertable.length > 0 ? table.insertable : table.columns).join(", ");
  const insert = `insert into ${table.name} (${columns}) select ${columns} from jsonb_populate_record(null::${table.name}, $1) ${onConflict}`;
  return attempt(identity, insert, [JSON.stringify(row?.row)]);
}

const touch = (table: TenantTable) =>
  `update ${table.name} set ${table.updatable[0] ?? table.columns[0]} = ${table.updatable[0] ?? table.columns[0]}`;

const admin = () => operator(mine.profileId);
const agent = () => operator(mine.agentId);
const viewer = () => operator(mine.viewerId);

describe("the wall between tenants", () => {
  it("is tested on every tenant table, with rows of both sides", async () => {
    expect(tables.length).toBeGreaterThanOrEqual(31);
    for (const organization of [mine, theirs]) {
      const rows = await onEach(rowsOf(organization, worker));
      expect(Object.entries(rows).filter(([, n]) => !(Number(n) > 0))).toEqual([]);
    }
  });

  it("shows each role its own organization's rows, all of them, and none of another's", async () => {
    const own = await onEach(rowsOf(mine, worker));
    for (const identity of [admin(), agent(), viewer()]) {
      expect(await onEach(rowsOf(mine, identity))).toEqual(own);
      expect(await onEach(rowsOf(theirs, identity))).toEqual(expectedOnEach(() => 0));
      expect(await onEach((table) => attempt(identity, `select from ${table.name}`))).toEqual(own);
    }
  });

  it("shows nothing to a profile that does not exist, to nobody, and to garbage", async () => {
    for (const identity of [operator(randomUUID()), NOBODY] as const) {
      expect(await onEach((table) => attempt(identity, `select from ${table.name}`))).toEqual(
        expectedOnEach(() => 0),
      );
    }
    expect(await onEach((table) => attempt(operator("1 or true"), `select from ${table.name}`))).toEqual(
      expectedOnEach(() => "22P02"),
    );
  });

  it("lets nobody update another's rows", async () => {
    for (const identity of [admin(), agent(), operator(randomUUID())]) {
      const answers = await onEach((table) =>
        attempt(identity, `${touch(table)} where ${table.tenant} = $1`, [theirs.id]),
      );
      expect(answers).toEqual(expectedOnEach((table) => (table.updatable.length > 0 ? 0 : DENIED)));
    }
  });

  it("lets an update without a condition reach one's own rows only", async () => {
    const own = await onEach(rowsOf(mine, worker));
    const answers = await onEach((table) => attempt(admin(), touch(table)));
    expect(answers).toEqual(
      expectedOnEach((table) => (table.updatable.length > 0 ? (own[table.name] ?? 0) : DENIED)),
    );
  });

  it("lets nobody delete another's rows", async () => {
    for (const identity of [admin(), agent(), operator(randomUUID())]) {
      const answers = await onEach((table) =>
        attempt(identity, `delete from ${table.name} where ${table.tenant} = $1`, [theirs.id]),
      );
      expect(Object.values(answers).filter((answer) => answer !== 0 && answer !== DENIED)).toEqual([]);
    }
  });

  it("lets nobody insert into another's tables, not even over a conflict", async () => {
    for (const identity of [admin(), agent(), operator(randomUUID())]) {
      expect(await onEach((table) => insertCopy(table, identity, theirs))).toEqual(
        expectedOnEach(() => DENIED),
      );
      expect(await onEach((table) => insertCopy(table, identity, theirs, "on conflict do nothing"))).toEqual(
        expectedOnEach(() => DENIED),
      );
    }
  });

  it("lets nobody move a row to another organization", async () => {
    const answers = await onEach((table) =>
      attempt(admin(), `update ${table.name} set ${table.tenant} = $1 where ${table.tenant} = $2`, [
        theirs.id,
        mine.id,
      ]),
    );
    expect(answers).toEqual(expectedOnEach(() => DENIED));
  });

  it("lets no row point at another tenant's, whoever writes it", async () => {
    const keys = await database.transaction(owner, (tx) =>
      tx.query<{ name: string; child: string; parent: string; column: string }>(
        `select k.conname as name, k.conrelid::regclass::text as child, k.confrelid::regclass::text as parent, a.attname as column
           from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey) and a.attname <> 'organization_id'
          where k.contype = 'f' and k.connamespace = 'public'::regnamespace and a.attgenerated = '' order by 1`,
      ),
    );
    const answers: Record<string, number | string> = {};
    for (const { name, child, parent, column } of keys) {
      const lure = `update ${child} set ${column} = (select id from ${parent} where organization_id = $1 order by ctid desc limit 1)
        where ctid = (select ctid from ${child} where organization_id = $2 limit 1)`;
      answers[name] = await attempt(owner, lure, [theirs.id, mine.id]);
    }
    expect(keys.length).toBeGreaterThan(15);
    expect(answers).toEqual(Object.fromEntries(keys.map(({ name }) => [name, NO_SUCH_PARENT])));
  });

  it("fills in a missing organization from the parent, and finds no parent beyond the wall", async () => {
    const insert = "insert into contact_tags (contact_id, tag) select $1::uuid, 'new'";
    const contactOf = async (organization: TestOrganization) =>
      (
        await database.transaction(worker, (tx) =>
          tx.one<{ id: string }>("select id from contacts where organization_id = $1 limit 1", [
            organization.id,
          ]),
        )
      )?.id;
    expect(await attempt(admin(), insert, [await contactOf(mine)])).toBe(1);
    expect(await attempt(admin(), insert, [await contactOf(theirs)])).toBe(DENIED);
  });
});

describe("what roles may not do in their own organization", () => {
  it("viewers write nothing", async () => {
    const changed = [
      await onEach((table) => attempt(viewer(), touch(table))),
      await onEach((table) => attempt(viewer(), `delete from ${table.name}`)),
      await onEach((table) => insertCopy(table, viewer(), mine)),
    ].flatMap((answers) => Object.entries(answers).filter(([, answer]) => answer !== 0 && answer !== DENIED));
    expect(changed).toEqual([]);
  });

  it.each([
    ["counters", "update bulk_campaigns set messages_sent = 0"],
    ["targets", "update bulk_campaigns set total_targets = 0"],
    ["the end of a campaign", "update bulk_campaigns set completed_at = adsapp_now()"],
    ["job statuses", "update bulk_message_jobs set status = 'sent'"],
    [
      "jobs",
      "insert into bulk_message_jobs (campaign_id, seq, contact_id) select campaign_id, 99, contact_id from bulk_message_jobs",
    ],
    ["message statuses", "update messages set status = 'read'"],
    [
      "messages",
      "insert into messages (direction, contact_id, type, status) select 'outbound', id, 'text', 'sent' from contacts",
    ],
    ["analytics", "update campaign_analytics set messages_sent = 0"],
    ["the claim's cursor", "update campaign_runs set next_seq = 0"],
    ["lanes", "update senders set lane_token = gen_random_uuid(), lane_expires_at = adsapp_now()"],
    ["windows", "delete from lane_windows"],
    ["webhook bodies", "insert into webhook_inbox (body) values ('{}')"],
    [
      "the audit log",
      "insert into audit_log (organization_id, action, subject_type) select id, 'x', 'y' from organizations",
    ],
    ["the audit log's past", "update audit_log set actor = null"],
    ["the audit log's rows", "delete from audit_log"],
    ["roles", "update profiles set role = 'admin'"],
    ["keys of their choice", "insert into contacts (id, phone) values (gen_random_uuid(), '+31611111111')"],
    ["the heartbeat", "select from tick_runs"],
    ["whole tables", "truncate contacts cascade"],
    ["counting", "select adsapp_count('{}')"],
    ["drip counters", "update drip_campaigns set messages_sent = 0"],
    ["people's counters", "update drip_enrollments set messages_sent = 0"],
    ["where people stand in a drip", "update drip_enrollments set current_step_order = 1"],
    ["whose an enrollment is", "update drip_enrollments set contact_id = gen_random_uuid()"],
    ["a drip's messages", "update drip_message_logs set status = 'sent'"],
    [
      "a drip's messages' rows",
      "insert into drip_message_logs (organization_id, enrollment_id, campaign_id, contact_id, step_id, step_order, scheduled_for) select organization_id, enrollment_id, campaign_id, contact_id, step_id, 9, now() from drip_message_logs",
    ],
    ["how full a drip's days are", "update drip_first_steps set planned = 0"],
    ["how full a drip's days were", "delete from drip_first_steps"],
    ["plans without the guard", "select plan_drip_steps('{}')"],
    ["the days of first steps", "select place_first_steps(null, null, 1, 'UTC', null, '{}')"],
    ["steps to other times", "select shift_drip_steps('{}', '{}')"],
    ["that an event is done", "update contact_events set processed_at = now()"],
    [
      "an event's depth",
      "insert into contact_events (contact_id, type, depth) select id, 'contact_created', 0 from contacts",
    ],
    ["agents' numbers", "update agent_performance_metrics set messages_sent = 9"],
    ["templates' numbers", "update template_usage_analytics set messages_sent = 9"],
    ["where conversations come from, counted", "update channel_sources set daily_counts = '{}'"],
    ["walls", "call adsapp_wall('contacts', 'mine')"],
  ])("operators do not write %s", async (_what, statement) => {
    expect(await attempt(admin(), statement)).toBe(DENIED);
  });

  it("agents do not manage profiles or the organization", async () => {
    const add =
      "insert into profiles (organization_id, full_name, email, role) values ($1, 'New', 'new@mine', 'admin')";
    expect(await attempt(agent(), add, [mine.id])).toBe(DENIED);
    expect(await attempt(admin(), add, [mine.id])).toBe(1);
    expect(await attempt(agent(), "update profiles set full_name = 'x'")).toBe(0);
    expect(await attempt(agent(), "delete from profiles")).toBe(0);
    expect(await attempt(agent(), "update organizations set name = 'x'")).toBe(0);
  });
});
