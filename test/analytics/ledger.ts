import { afterAll, beforeAll, expect } from "vitest";
import { type Audit, audit, type CHECKS } from "../../src/analytics/audit.ts";
import { Database, type Transaction } from "../../src/db/database.ts";
import { owner } from "../../src/db/identity.ts";
import { createTestDatabase } from "../support/database.ts";
import {
  makeCampaign,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
  type TestJob,
  type TestOrganization,
} from "../support/factories.ts";

const ALL_STATES = {
  sent: 4,
  delivered: 3,
  read: 3,
  failed: 2,
  skipped: 2,
  unknown: 1,
  waiting: 1,
  dispatching: 2,
  cancelled: 1,
  pending: 5,
};

/** A ledger that balances, to be meddled with: a promotion with rows in every state, and a receipt of three and two. */
export interface Ledger {
  database: Database;
  organization: TestOrganization;
  /** with a ledger of its own, which nobody meddles with */
  other: TestOrganization;
  promotion: { id: string };
  /** transactional, and unknown outcomes are held */
  receipt: { id: string };
  jobs: TestJob[];
  receipts: TestJob[];
  close(): Promise<void>;
}

export type Meddle = (tx: Transaction) => Promise<unknown>;

/** The check that finds it, what is wrong, and how it came about. */
export type Breakage = [check: (typeof CHECKS)[number], what: string, how: Meddle];

export let ledger: Ledger;

/** A ledger for a file's tests. */
export function useLedger(): void {
  beforeAll(async () => {
    ledger = await makeLedger();
  });
  afterAll(() => ledger.close());
}

async function makeLedger(): Promise<Ledger> {
  const testDatabase = await createTestDatabase();
  const database = new Database({ url: testDatabase.url });
  const organization = await makeOrganization(database);
  await makeSender(database, organization);
  const promotion = await makeCampaign(database, organization, { name: "Black Friday Sale" });
  const jobs = await makeJobs(database, await makeRun(database, promotion), ALL_STATES);
  const settings = { onUnknown: "hold" };
  const receipt = await makeCampaign(database, organization, { type: "transactional", settings });
  const receipts = await makeJobs(database, await makeRun(database, receipt), { delivered: 3, pending: 2 });
  const other = await makeOrganization(database);
  await makeSender(database, other);
  const theirs = await makeRun(database, await makeCampaign(database, other));
  await makeJobs(database, theirs, { read: 2, pending: 1 });
  const close = async () => {
    await database.close();
    await testDatabase.drop();
  };
  return { database, organization, other, promotion, receipt, jobs, receipts, close };
}

class RolledBack extends Error {}

/** What the audit finds after the owner has meddled with the database; nothing of it stays. */
export async function auditAfter(
  database: Database,
  meddle: Meddle,
  organizationId: string | null = null,
): Promise<Audit> {
  let found: Audit | undefined;
  const run = database.transaction(owner, async (tx) => {
    await meddle(tx);
    found = await audit(tx, organizationId);
    throw new RolledBack();
  });
  await expect(run).rejects.toThrow(RolledBack);
  return found as Audit;
}

/** The checks that do not hold, with how many violations. */
export const failing = (result: Audit) =>
  result.checks.filter((check) => !check.ok).map(({ name, violations }) => [name, violations]);

export const jobIn = (status: string, jobs: readonly TestJob[]) =>
  jobs.find((job) => job.status === status) as TestJob;

/** Meddles by a statement that must change something. */
export const by =
  (statement: string, parameters: readonly unknown[] = []): Meddle =>
  async (tx) =>
    expect(await tx.run(statement, parameters)).toBeGreaterThan(0);

/** The same past the table's own triggers. */
export const pastTriggers =
  (table: string, statement: string, parameters: readonly unknown[]): Meddle =>
  async (tx) => {
    await tx.run(`alter table ${table} disable trigger user`);
    await by(statement, parameters)(tx);
  };

/** The contact of a job opted out or was blocked so long before the job was dispatched. */
export function setConsent(
  tx: Transaction,
  column: "opted_out_at" | "blocked_at",
  job: TestJob,
  before: string,
): Promise<number> {
  return tx.run(
    `update contacts c set ${column} = j.dispatched_at - $2::interval from bulk_message_jobs j where j.id = $1 and c.id = j.contact_id`,
    [job.id, before],
  );
}

/** Another accepted message of a job. */
export async function sendAgain(tx: Transaction, job: TestJob, attempt: number): Promise<void> {
  await tx.run("update bulk_message_jobs set attempts = $2 where id = $1", [job.id, attempt]);
  await tx.run(
    `insert into messages (organization_id, direction, contact_id, sender_id, bulk_message_job_id, attempt, type, provider_message_id, status, sent_at)
     select organization_id, direction, contact_id, sender_id, bulk_message_job_id, $2, type, 'wamid.again', 'sent', sent_at + interval '20 min'
       from messages where id = $1`,
    [job.messageId, attempt],
  );
}
