import { afterAll, beforeAll, beforeEach } from "vitest";
import { Database, type Transaction } from "../../src/db/database.ts";
import { operator, owner, worker } from "../../src/db/identity.ts";
import { type Status, statusOf } from "../../src/status/status.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeOrganization, makeSender, type TestOrganization } from "../support/factories.ts";

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
export let database: Database;
export let organization: TestOrganization;

/** A database for a file's tests, of which each has an organization of its own. */
export function useStatus(): void {
  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    database = new Database({ url: testDatabase.url });
  });

  afterAll(async () => {
    await database.close();
    await testDatabase.drop();
  });

  /** The heartbeat and the inbox are shared, so they start empty. */
  beforeEach(async () => {
    await database.transaction(owner, (tx) => tx.run("delete from tick_runs"));
    await database.transaction(owner, (tx) => tx.run("delete from webhook_inbox"));
    organization = await makeOrganization(database);
    await makeSender(database, organization);
  });
}

export const asWorker = <T>(work: (tx: Transaction) => Promise<T>) => database.transaction(worker, work);

export const status = (of = organization): Promise<Status> =>
  statusOf((work) => database.transaction(operator(of.profileId), work), asWorker, of.id);

export const change = (statement: string, parameters: unknown[] = []) =>
  asWorker((tx) => tx.run(statement, parameters));

export const ticked = (ago: string, error: string | null = null) =>
  change(
    `insert into tick_runs (host, pid, started_at, finished_at, error)
     values ('web1', 1, adsapp_now() - $1::interval, adsapp_now() - $1::interval, $2)`,
    [ago, error],
  );
