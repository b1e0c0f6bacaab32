import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { rebuild } from "../../src/analytics/rebuild.ts";
import { erasePerson } from "../../src/contacts/person.ts";
import { previewPrune, prune } from "../../src/contacts/prune.ts";
import { operator, owner } from "../../src/db/identity.ts";
import { makeContacts } from "../support/factories.ts";
import { type Setup, setup } from "../webhooks/setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterEach(() => s.expectCleanAudit());

afterAll(() => s.end());

const retain = (organization: { id: string }, retention: object) =>
  s.rows(
    "update organizations set settings = settings || jsonb_build_object('retention', $2::jsonb) where id = $1",
    [organization.id, JSON.stringify(retention)],
  );

const asOwner = (sql: string, parameters: unknown[] = []) =>
  s.database.transaction(owner, (tx) => tx.run(sql, parameters));

it("prune lets go of texts, keeps every row, and leaves alone what is young, not over, or another organization's", async () => {
  await retain(s.organization, { messages: "30d" });
  const jobs = await s.jobs({ sent: 3, read: 2 });
  const [theirs] = await makeContacts(s.database, s.other, 1);
  const contact = jobs[0]?.contactId;
  await s.rows(
    "update messages set body = 'tekst', payload = '{}', created_at = created_at - interval '31 days' where organization_id = $1",
    [s.organization.id],
  );
  const add = (organization: string, id: unknown, direction: string, status: string, days: number) =>
    s.rows(
      `insert into messages (organization_id, contact_id, direction, type, status, body, created_at) values ($1, $2, $3, 'text', $4, 'tekst', now() - $5 * interval '1 day')`,
      [organization, id, direction, status, days],
    );
  await add(s.organization.id, contact, "inbound", "received", 29);
  await add(s.organization.id, contact, "outbound", "pending", 99);
  await add(s.other.id, theirs?.id, "inbound", "received", 99);
  expect(await previewPrune(s.database, null)).toMatchObject({ messages: 5 });
  expect(await prune(s.database, null)).toMatchObject({ messages: 5 });
  expect(await prune(s.database, null)).toMatchObject({ messages: 0 });
  const left = await s.rows(
    "select status, count(*) from messages where body is not null group by 1 order by 1",
  );
  expect(left).toEqual([
    { status: "pending", count: 1 },
    { status: "received", count: 2 },
  ]);
  expect(await s.rows("select from messages")).toHaveLength(8);
  expect(await rebuild(s.database, { since: "2000-01-01", organizationId: null })).toEqual([]);
});

it("prune removes raw bodies that were applied, in chunks; one of nobody when all organizations would; none that waits", async () => {
  await retain(s.organization, { webhookBodies: "7d" });
  await asOwner(
    `insert into webhook_inbox (body, organization_id, received_at, processed_at, error)
     select '{}', v.organization_id, now() - interval '20 days', v.processed_at, v.error
       from (values ($1::uuid, now() - interval '8 days', null), ($1, now() - interval '6 days', null), ($1, null, 'no'), (null, now() - interval '10 days', null))
            as v(organization_id, processed_at, error)
     union all
     select '{}', $1, now() - interval '20 days', now() - interval '8 days', null from generate_series(1, 12000)`,
    [s.organization.id],
  );
  expect(await previewPrune(s.database, null)).toMatchObject({ webhookBodies: 12_001 });
  expect(await prune(s.database, null)).toMatchObject({ webhookBodies: 12_001 });
  await retain(s.other, { webhookBodies: "9d" });
  expect(await previewPrune(s.database, s.organization.id)).toMatchObject({ webhookBodies: 0 });
  expect(await prune(s.database, null)).toMatchObject({ webhookBodies: 1 });
  expect(await s.rows("select error from webhook_inbox order by id")).toEqual([
    { error: null },
    { error: "no" },
  ]);
});

it("prune removes events that were handled, and what imports changed", async () => {
  await retain(s.organization, { events: "30d", imports: "30d" });
  const [contact] = await makeContacts(s.database, s.organization, 1);
  await s.rows(
    `insert into contact_events (organization_id, contact_id, type, name, occurred_at, processed_at)
     select $1, $2, 'custom_event', 'bought', now() - interval '31 days', p from unnest(array[now(), null]) p`,
    [s.organization.id, contact?.id],
  );
  await asOwner(
    `with i as (insert into contact_imports (organization_id, file_name, file_hash, created_at) values ($1, 'a.csv', 'x', now() - interval '31 days') returning id)
     insert into contact_import_changes (organization_id, import_id, contact_id, changed_at, attributes) select $1, i.id, $2, now(), '{}' from i`,
    [s.organization.id, contact?.id],
  );
  expect(await previewPrune(s.database, s.organization.id)).toMatchObject({ events: 1, imports: 1 });
  expect(await prune(s.database, s.organization.id)).toMatchObject({ events: 1, imports: 1 });
  expect(await s.rows("select processed_at from contact_events")).toEqual([{ processedAt: null }]);
});

it("prune leaves what stands at a row that was merged into a person who is there", async () => {
  const [contact] = await makeContacts(s.database, s.other, 1);
  await s.rows(
    `with gone as (insert into contacts (organization_id, erased_at, merged_into) values ($1, now(), $2) returning id)
     insert into messages (organization_id, contact_id, direction, type, status, body) select $1, id, 'inbound', 'text', 'received', 'van vroeger' from gone`,
    [s.other.id, contact?.id],
  );
  await prune(s.database, null);
  expect(await s.rows("select from messages where body = 'van vroeger'")).toHaveLength(1);
  await s.database.transaction(operator(s.other.profileId), (tx) => erasePerson(tx, contact?.id as string));
  expect(await s.rows("select from messages where body = 'van vroeger'")).toEqual([]);
});

it("prune takes what came in of erased people meanwhile, retention or not", async () => {
  const [contact] = await makeContacts(s.database, s.other, 1);
  await s.database.transaction(operator(s.other.profileId), (tx) => erasePerson(tx, contact?.id as string));
  await s.rows(
    "insert into messages (organization_id, contact_id, direction, type, status, body) values ($1, $2, 'inbound', 'text', 'received', 'te laat')",
    [s.other.id, contact?.id],
  );
  expect(await prune(s.database, null)).toMatchObject({ erased: 1 });
  expect(await s.rows("select from messages where body = 'te laat'")).toEqual([]);
});
