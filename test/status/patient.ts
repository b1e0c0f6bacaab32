import { afterAll, beforeAll, beforeEach } from "vitest";
import { readConfig } from "../../src/config.ts";
import { Database } from "../../src/db/database.ts";
import { owner } from "../../src/db/identity.ts";
import { diagnose, workFindings } from "../../src/status/doctor/doctor.ts";
import type { Diagnosis, Finding } from "../../src/status/doctor/finding.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeOrganization, type TestOrganization } from "../support/factories.ts";

export const TOKEN = `EAA${"G1h2".repeat(20)}`;
const ENV = {
  WHATSAPP_TOKEN: TOKEN,
  ADSAPP_WEBHOOK_APP_SECRET: "0123456789abcdef0123456789abcdef",
  ADSAPP_WEBHOOK_VERIFY_TOKEN: "a word",
  ADSAPP_HOME: "/nonexistent",
};

export let test: Awaited<ReturnType<typeof createTestDatabase>>;
export let database: Database;
export let organization: TestOrganization;

/** A database for a file's tests, of which each has an organization of its own. */
export function usePatient(): void {
  beforeAll(async () => {
    test = await createTestDatabase();
    database = new Database({ url: test.url });
  });

  afterAll(async () => {
    await database.close();
    await test.drop();
  });

  /** The heartbeat and the inbox are shared, so they start empty. */
  beforeEach(async () => {
    await change("delete from tick_runs");
    await change("delete from webhook_inbox");
    organization = await makeOrganization(database);
  });
}

export const change = (sql: string, parameters: readonly unknown[] = []) =>
  database.transaction(owner, (tx) => tx.run(sql, parameters));

export function patient(env: NodeJS.ProcessEnv = {}, url = test.url, organizationId = organization.id) {
  const given = { ...ENV, DATABASE_URL: url, ...env };
  return {
    config: readConfig(given),
    env: given,
    databaseUrl: async () => url,
    organizationId: async () => organizationId,
    signal: new AbortController().signal,
  };
}

export const diagnosed = (env?: NodeJS.ProcessEnv, url?: string): Promise<Diagnosis> =>
  diagnose(patient(env, url));

/** What a check found of what is set up, the database itself left out. */
export async function found(
  check: string,
  env: NodeJS.ProcessEnv = {},
  organizationId?: string,
): Promise<Finding | undefined> {
  return (await workFindings(database, patient(env, test.url, organizationId))).find(
    (each) => each.check === check,
  );
}

export const ticked = (minutes: string) =>
  change(
    `insert into tick_runs (host, pid, started_at, finished_at)
     select 'web1', 1, date_trunc('minute', adsapp_now()) - make_interval(mins => m), adsapp_now() from generate_series(0, 90) m where ${minutes}`,
  );
