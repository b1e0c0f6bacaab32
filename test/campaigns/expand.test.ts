import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit } from "../../src/analytics/audit.ts";
import { expandRuns } from "../../src/campaigns/expand.ts";
import { Database, type Row } from "../../src/db/database.ts";
import { owner, worker } from "../../src/db/identity.ts";
import { createTestDatabase } from "../support/database.ts";
import {
  makeCampaign,
  makeContacts,
  makeOrganization,
  makeSender,
  makeTemplate,
  type TestOrganization,
} from "../support/factories.ts";

let database: Database;
let url: string;
let end: () => Promise<void>;

beforeAll(async () => {
  const testDatabase = await createTestDatabase();
  url = testDatabase.url;
  database = new Database({ url });
  end = testDatabase.drop;
});

afterAll(async () => {
  await database.transaction(owner, (tx) => tx.run("analyze")); // autovacuum does not come so soon
  const { checks } = await database.transaction(worker, (tx) => audit(tx, null));
  expect(checks.filter((check) => !check.ok)).toEqual([]);
  await database.close();
  await end();
});

const rows = <R extends object = Row>(sql: string, parameters: readonly unknown[] = []) =>
  database.transaction(worker, (tx) => tx.query<R>(sql, parameters));

const jobsOf = ({ id }: { id: string }) =>
  rows(
    "select seq, contact_id, status, skip_reason, attempts, max_attempts from bulk_message_jobs where campaign_id = $1 order by seq",
    [id],
  );

const runOf = async ({ id }: { id: string }) =>
  (await rows("select * from campaign_runs where campaign_id = $1", [id]))[0];

async function world(given: Parameters<typeof makeCampaign>[2] = {}) {
  const organization: TestOrganization = await makeOrganization(database);
  await makeSender(database, organization);
  const campaign = () => makeCampaign(database, organization, given);
  const expand = (goOn?: () => boolean, by = database) =>
    expandRuns(by, { organizationId: organization.id, ...(goOn === undefined ? {} : { goOn }) });
  const contacts = (n: number, of: Parameters<typeof makeContacts>[3] = {}) =>
    makeContacts(database, organization, n, of);
  return { organization, campaign, expand, contacts };
}

describe("a running campaign is written out", () => {
  it("with one row a person, numbered from 1 without a gap", async () => {
    const { campaign, contacts, expand } = await world({ settings: { maxAttempts: 5 } });
    const people = await contacts(25);
    const sale = await campaign();
    expect(await expand()).toEqual({ jobs: 25, skipped: 0 });
    const jobs = await jobsOf(sale);
    expect(jobs.map(({ seq }) => seq)).toEqual(people.map((_, n) => n + 1));
    expect(jobs.map(({ contactId }) => contactId).sort()).toEqual(people.map(({ id }) => id).sort());
    expect(jobs[0]).toMatchObject({ status: "pending", attempts: 0, maxAttempts: 5 });
    expect(await runOf(sale)).toMatchObject({ expandedSeq: 25, nextSeq: 0, expandedAt: expect.any(Date) });
  });

  it("with the people who are skipped, each with the reason", async () => {
    const { campaign, contacts, expand } = await world();
    const now = new Date();
    await contacts(2);
    const [optedOut] = await contacts(1, { optedOutAt: now });
    const [blocked] = await contacts(1, { blockedAt: now });
    const sale = await campaign();
    expect(await expand()).toEqual({ jobs: 4, skipped: 2 });
    const skipped = (await jobsOf(sale)).filter(({ status }) => status === "skipped");
    expect(new Map(skipped.map(({ contactId, skipReason }) => [contactId, skipReason]))).toEqual(
      new Map([
        [optedOut?.id, "opted_out"],
        [blocked?.id, "blocked"],
      ]),
    );
    expect(
      await rows("select total_targets, messages_skipped from bulk_campaigns where id = $1", [sale.id]),
    ).toEqual([{ totalTargets: 4, messagesSkipped: 2 }]);
  });

  it("also when nobody is in its audience", async () => {
    const { campaign, expand } = await world();
    const sale = await campaign();
    expect(await expand()).toEqual({ jobs: 0, skipped: 0 });
    expect(await runOf(sale)).toMatchObject({ expandedSeq: 0, expandedAt: expect.any(Date) });
  });

  it("once: a second time adds nothing", async () => {
    const { campaign, contacts, expand } = await world();
    await contacts(5);
    const sale = await campaign();
    await expand();
    await contacts(5);
    expect(await expand()).toEqual({ jobs: 0, skipped: 0 });
    expect(await jobsOf(sale)).toHaveLength(5);
  });

  it("without the contacts of a later time, and of other organizations", async () => {
    const { campaign, contacts, expand } = await world();
    const other = await world();
    await other.contacts(3);
    await contacts(2);
    await contacts(1, { createdAt: new Date(Date.now() + 60_000) });
    const sale = await campaign();
    expect(await expand()).toEqual({ jobs: 2, skipped: 0 });
    expect(await jobsOf(sale)).toHaveLength(2);
  });

  it.each(["draft", "scheduled", "paused", "completed", "cancelled"] as const)(
    "not when it is %s",
    async (status) => {
      const { campaign, contacts, expand } = await world({ status });
      await contacts(2);
      const sale = await campaign();
      expect(await expand()).toEqual({ jobs: 0, skipped: 0 });
      expect(await jobsOf(sale)).toEqual([]);
    },
  );
});

describe("what a run froze", () => {
  it("is not changed by whoever edits the template or the campaign afterwards", async () => {
    const message = { type: "template", template: "black_friday", language: "nl", variables: { "1": "x" } };
    const { organization, campaign, contacts, expand } = await world({ message });
    await makeTemplate(database, organization, { body: "Hoi {{1}}, vandaag korting" });
    await contacts(1);
    const sale = await campaign();
    await expand();
    const frozen = await runOf(sale);
    await rows(
      "update message_templates set components = '[]', status = 'PAUSED' where organization_id = $1",
      [organization.id],
    );
    await rows(
      `update bulk_campaigns set message = '{"type": "text", "text": "other"}', settings = '{"maxAttempts": 9}' where id = $1`,
      [sale.id],
    );
    await expand();
    expect(await runOf(sale)).toEqual(frozen);
    expect(frozen?.definition).toMatchObject({
      message,
      template: { components: [{ type: "BODY", text: "Hoi {{1}}, vandaag korting" }] },
    });
  });
});

describe("a large audience", () => {
  it("is written out in chunks: cut off after the first, the next call goes on behind it", async () => {
    const { campaign, contacts, expand } = await world();
    await contacts(20_007);
    const sale = await campaign();
    let asked = 0;
    expect(await expand(() => ++asked <= 1)).toEqual({ jobs: 20_000, skipped: 0 });
    expect(await runOf(sale)).toMatchObject({ expandedSeq: 20_000, expandedAt: null });
    await contacts(3, { createdAt: new Date(Date.now() + 60_000) });
    expect(await expand()).toEqual({ jobs: 7, skipped: 0 });
    const [{ n, people, last }] = (await rows(
      "select count(*) as n, count(distinct contact_id) as people, max(seq) as last from bulk_message_jobs where campaign_id = $1",
      [sale.id],
    )) as [Row];
    expect({ n, people, last }).toEqual({ n: 20_007, people: 20_007, last: 20_007 });
    await rows("update bulk_campaigns set status = 'paused', pause_reason = 'done' where id = $1", [sale.id]);
  });

  it("of a campaign that was cancelled meanwhile is left where it stands", async () => {
    const { campaign, contacts, expand } = await world();
    await contacts(20_001);
    const sale = await campaign();
    let asked = 0;
    await expand(() => ++asked <= 1);
    await rows("update bulk_campaigns set status = 'cancelled', cancelled_at = adsapp_now() where id = $1", [
      sale.id,
    ]);
    expect(await expand()).toEqual({ jobs: 0, skipped: 0 });
    expect(await runOf(sale)).toMatchObject({ expandedSeq: 20_000 });
  });
});

describe("a stop", () => {
  it("before the first chunk writes nothing, of however many campaigns", async () => {
    const { campaign, contacts, expand } = await world();
    await contacts(2);
    const sales = [await campaign(), await campaign()];
    expect(await expand(() => false)).toEqual({ jobs: 0, skipped: 0 });
    let asked = 0;
    expect(await expand(() => ++asked <= 1)).toEqual({ jobs: 2, skipped: 0 });
    expect(await expand()).toEqual({ jobs: 2, skipped: 0 });
    for (const sale of sales) expect(await jobsOf(sale)).toHaveLength(2);
  });
});

describe("expansions at the same time", () => {
  it("make each row once", async () => {
    const { campaign, contacts, expand } = await world();
    await contacts(300);
    const sale = await campaign();
    const others = [1, 2, 3].map(() => new Database({ url }));
    const made = await Promise.all(others.map((other) => expand(undefined, other)));
    await Promise.all(others.map((other) => other.close()));
    expect(made.reduce((sum, { jobs }) => sum + jobs, 0)).toBe(300);
    expect((await jobsOf(sale)).map(({ seq }) => seq)).toEqual(Array.from({ length: 300 }, (_, n) => n + 1));
  });
});
