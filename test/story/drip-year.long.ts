import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit } from "../../src/analytics/audit.ts";
import { Database } from "../../src/db/database.ts";
import { worker } from "../../src/db/identity.ts";
import { tick } from "../../src/tick/tick.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import { makeContacts, makeOrganization, makeSender } from "../support/factories.ts";

const PEOPLE = 10_000;
const STEPS = 12;
const A_DAY = 1_000;
const DAYS = 365;
const DAY = 86_400_000;
const BEGIN = Date.parse("2027-01-04T08:00:00Z");

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
let home: string;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url });
  home = mkdtempSync(join(tmpdir(), "adsapp-year-"));
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
  rmSync(home, { recursive: true, force: true });
});

function setClock(time: number): void {
  database.setNowOffset(`${(time - Date.now()) / 1000} seconds`);
}

async function tickAt(time: number): Promise<number> {
  setClock(time);
  const never = new AbortController().signal;
  const report = await tick({
    database,
    env: {},
    leaseSeconds: 30,
    budgetSeconds: 600,
    drain: true,
    stopping: never,
    aborting: never,
    logFile: join(home, "messages.ndjson"),
  });
  return report.sent.drip;
}

describe("a year of daily ticks over 10,000 people in a drip of twelve steps", () => {
  it("sends each step once, in order and never early, keeps the cap, and everybody arrives", async () => {
    setClock(BEGIN);
    const organization = await makeOrganization(database);
    await makeSender(database, organization, { throughput: 1000 });
    const months = Array.from({ length: STEPS - 1 }, () => ({ weeks: 4 }));
    const drip = await makeDrip(database, organization, {
      settings: { maxContactsPerDay: A_DAY },
      steps: [{ minutes: 0 }, ...months],
    });
    await makeEnrollments(database, drip, await makeContacts(database, organization, PEOPLE));
    const sent: number[] = [];
    for (let day = 0; day < DAYS; day++) sent.push(await tickAt(BEGIN + day * DAY + 600_000));
    expect(sent.reduce((sum, n) => sum + n, 0)).toBe(PEOPLE * STEPS);
    expect(sent.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => A_DAY));
    const statuses = await database.transaction(worker, (tx) =>
      tx.query("select status, count(*)::int as people from drip_enrollments group by status"),
    );
    expect(statuses).toEqual([{ status: "completed", people: PEOPLE }]);
    const { checks } = await database.transaction(worker, (tx) => audit(tx, null));
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  });
});
