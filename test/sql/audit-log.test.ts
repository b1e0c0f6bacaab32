import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database, type Transaction } from "../../src/db/database.ts";
import { type Identity, operator, owner, worker } from "../../src/db/identity.ts";
import { createTestDatabase } from "../support/database.ts";
import {
  makeCampaign,
  makeContacts,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
  makeTemplate,
  type TestOrganization,
} from "../support/factories.ts";

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
let organization: TestOrganization;
let contactId: string;
let campaignId: string;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url });
  organization = await makeOrganization(database, { slug: "jansen", name: "Bakkerij Jansen" });
  await makeSender(database, organization);
  await makeTemplate(database, organization);
  const [contact] = await makeContacts(database, organization, 1);
  contactId = contact?.id ?? "";
  campaignId = (await makeCampaign(database, organization, { name: "Black Friday Sale", status: "draft" }))
    .id;
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

class RolledBack extends Error {}

interface Entry {
  actor: string | null;
  action: string;
  subjectType: string;
  subjectId: string;
  details: Record<string, unknown>;
}

/** What the log says of what `work` did as somebody; nothing of it stays. */
async function logOf(identity: Identity, work: (tx: Transaction) => Promise<unknown>): Promise<Entry[]> {
  let entries: Entry[] = [];
  const run = database.transaction(identity, async (tx) => {
    const [last] = await tx.query<{ id: number }>("select coalesce(max(id), 0) as id from audit_log");
    await work(tx);
    entries = await tx.query<Entry>(
      "select actor, action, subject_type, subject_id, details from audit_log where id > $1 order by id",
      [last?.id],
    );
    throw new RolledBack();
  });
  await expect(run).rejects.toThrow(RolledBack);
  return entries;
}

const admin = () => operator(organization.profileId);
const by =
  (sql: string, ...parameters: unknown[]) =>
  (tx: Transaction) =>
    tx.run(sql, parameters);

describe("the audit log says who did what", () => {
  it("to a campaign: its making, its states, its definition and its end", async () => {
    const entries = await logOf(admin(), async (tx) => {
      await tx.run(`insert into bulk_campaigns (name, message) values ('New', '{"type": "text"}')`);
      await tx.run("update bulk_campaigns set type = 'survey' where name = 'New'");
      await tx.run(
        "update bulk_campaigns set status = 'cancelled', cancelled_at = '2026-11-27T10:00:00Z' where name = 'New'",
      );
      await tx.run("delete from bulk_campaigns where name = 'New'");
    });
    const id = entries[0]?.subjectId;
    const entry = (action: string, details: object) => ({
      actor: organization.profileId,
      action,
      subjectType: "bulk_campaigns",
      subjectId: id,
      details,
    });
    expect(entries).toEqual([
      entry("insert", { name: "New" }),
      entry("update", { type: ["promotional", "survey"] }),
      entry("update", { status: ["draft", "cancelled"], cancelled_at: [null, "2026-11-27T10:00:00+00:00"] }),
      entry("delete", { name: "New" }),
    ]);
  });

  it.each([
    [
      "a pause of all",
      "update organizations set paused_at = '2026-11-27T10:00:00Z'",
      "organizations",
      { paused_at: [null, "2026-11-27T10:00:00+00:00"] },
    ],
    [
      "a new colleague",
      "insert into profiles (organization_id, full_name, email, role) select id, 'Eva', 'eva@jansen.nl', 'agent' from organizations",
      "profiles",
      { name: "eva@jansen.nl" },
    ],
    [
      "a number's new address",
      "update senders set app_secret_env = 'OTHER_SECRET'",
      "senders",
      { app_secret_env: [null, "OTHER_SECRET"] },
    ],
    [
      "a template's status",
      "update message_templates set status = 'PAUSED'",
      "message_templates",
      { status: ["APPROVED", "PAUSED"] },
    ],
    [
      "an opt-out",
      "update contacts set opted_out_at = '2026-11-27T10:00:00Z', opt_out_source = 'phone', first_name = 'Jan'",
      "contacts",
      { opted_out_at: [null, "2026-11-27T10:00:00+00:00"], opt_out_source: [null, "phone"] },
    ],
  ])("to %s", async (_what, sql, subjectType, details) => {
    const [entry, ...more] = await logOf(admin(), by(sql));
    expect(more).toEqual([]);
    expect(entry).toMatchObject({ actor: organization.profileId, subjectType, details });
  });

  it("names nobody where the worker or the owner did it", async () => {
    for (const identity of [worker, owner]) {
      const entries = await logOf(
        identity,
        by("update bulk_campaigns set status = 'cancelled' where id = $1", campaignId),
      );
      expect(entries).toEqual([
        {
          actor: null,
          action: "update",
          subjectType: "bulk_campaigns",
          subjectId: campaignId,
          details: { status: ["draft", "cancelled"] },
        },
      ]);
    }
  });

  it("keeps nothing of a person who is erased", async () => {
    const erase =
      "update contacts set phone = null, first_name = null, attributes = '{}', erased_at = '2026-11-27T10:00:00Z' where id = $1";
    const [entry] = await logOf(owner, by(erase, contactId));
    expect(entry?.details).toEqual({ erased_at: [null, "2026-11-27T10:00:00+00:00"] });
  });
});

describe("the audit log says nothing", () => {
  it.each([
    ["of a statement that changes nothing", "update organizations set name = name"],
    ["of a template that was synced again", "update message_templates set updated_at = adsapp_now()"],
    ["of a contact's name", "update contacts set first_name = 'Jan', updated_at = adsapp_now()"],
  ])("%s", async (_what, sql) => {
    expect(await logOf(admin(), by(sql))).toEqual([]);
  });

  it("of lanes that are taken and given back", async () => {
    const take =
      "update senders set lane_token = gen_random_uuid(), lane_holder = 'host:1', lane_expires_at = clock_timestamp()";
    const release = "update senders set lane_token = null, lane_holder = null, lane_expires_at = null";
    expect(await logOf(worker, async (tx) => [await tx.run(take), await tx.run(release)])).toEqual([]);
  });

  it("of counters, jobs and messages", async () => {
    const entries = await logOf(worker, async (tx) => {
      const run = await makeRun(tx, { id: campaignId });
      await makeJobs(tx, run, { sent: 3, failed: 2, pending: 1 });
      await tx.run("update messages set status = 'read'");
      const [campaign] = await tx.query(
        "select messages_sent, messages_read, messages_failed from bulk_campaigns where id = $1",
        [campaignId],
      );
      expect(campaign).toEqual({ messagesSent: 3, messagesRead: 3, messagesFailed: 2 });
    });
    expect(entries).toEqual([]);
  });

  it("of an organization that is gone, with all that was its own", async () => {
    const entries = await logOf(owner, async (tx) => {
      const gone = await makeOrganization(tx, { slug: "gone" });
      await makeTemplate(tx, gone);
      await tx.run("delete from organizations where id = $1", [gone.id]);
    });
    expect(entries).toEqual([]);
  });
});
