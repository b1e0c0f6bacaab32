// What docs/operating/moving.md promises: a copy of the database, with the others' rows removed on each side, is whole.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { audit } from "../../src/analytics/audit.ts";
import { Database, type Transaction } from "../../src/db/database.ts";
import { owner, worker } from "../../src/db/identity.ts";
import { packageRoot } from "../../src/root.ts";
import { copyTestDatabase, createTestDatabase } from "../support/database.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import {
  makeCampaign,
  makeContacts,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
  makeTemplate,
} from "../support/factories.ts";

const page = readFileSync(join(packageRoot(), "docs/operating/moving.md"), "utf8");
const [, REMOVE_OTHERS = ""] = /```sql\n(.*?)```/s.exec(page) ?? [];
const REMOVE_IT = REMOVE_OTHERS.replace("organization_id <> $1", "organization_id = $1").replace(
  "id <> kept",
  "id = kept",
);

async function opened(testDatabase: { url: string; drop(): Promise<void> }): Promise<Database> {
  const database = new Database({ url: testDatabase.url });
  onTestFinished(async () => {
    await database.close();
    await testDatabase.drop();
  });
  return database;
}

async function makeWorkOf(database: Database, slug: string): Promise<void> {
  const organization = await makeOrganization(database, { slug });
  await makeSender(database, organization);
  await makeTemplate(database, organization);
  const campaign = await makeCampaign(database, organization, { name: "Sale", status: "running" });
  await makeJobs(database, await makeRun(database, campaign), {
    sent: 2,
    read: 3,
    failed: 1,
    unknown: 1,
    pending: 4,
  });
  const drip = await makeDrip(database, organization, { status: "active" });
  await makeEnrollments(database, drip, await makeContacts(database, organization, 3, { tags: ["leads"] }));
}

/** How many rows each table has of each organization. */
async function rowsOf(database: Database, slug: string): Promise<Record<string, number>> {
  return database.transaction(owner, async (tx) => {
    const tables = await tx.query<{ name: string }>(
      "select table_name as name from information_schema.columns where column_name = 'organization_id' and table_schema = 'public' and table_name in (select tablename from pg_tables where schemaname = 'public') order by 1",
    );
    const counts = tables.map(
      ({ name }) =>
        `select '${name}' as name, count(*)::int as rows from ${name} t join organizations o on o.id = t.organization_id where o.slug = $1`,
    );
    const rows = await tx.query<{ name: string; rows: number }>(counts.join(" union all "), [slug]);
    return Object.fromEntries(rows.map((row) => [row.name, row.rows]));
  });
}

const balances = (tx: Transaction) => audit(tx, null);

it("an organization moves: a copy without the others, and the others without it, are whole", async () => {
  const origin = await createTestDatabase();
  const before = new Database({ url: origin.url });
  for (const slug of ["jansen", "pietersen"]) await makeWorkOf(before, slug);
  const [jansen, pietersen] = [await rowsOf(before, "jansen"), await rowsOf(before, "pietersen")];
  await before.close();
  const there = await opened(await copyTestDatabase(origin));
  const here = await opened(origin);
  await there.transaction(owner, (tx) => tx.run(REMOVE_OTHERS));
  await here.transaction(owner, (tx) => tx.run(REMOVE_IT));
  expect(await rowsOf(there, "jansen")).toEqual(jansen);
  expect(await rowsOf(here, "pietersen")).toEqual(pietersen);
  expect(Object.values(await rowsOf(here, "jansen")).every((rows) => rows === 0)).toBe(true);
  for (const database of [there, here]) {
    const { ok, checks } = await database.transaction(worker, balances);
    expect(checks.filter((check) => !check.ok)).toEqual([]);
    expect(ok).toBe(true);
  }
});
