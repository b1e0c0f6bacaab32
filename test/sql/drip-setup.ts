import { afterAll, beforeAll } from "vitest";
import { Database, type Transaction } from "../../src/db/database.ts";
import { type Identity, worker } from "../../src/db/identity.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import { makeContacts, makeOrganization, makeSender } from "../support/factories.ts";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export interface DripBase {
  database: Database;
  url: string;
}

/** A migrated database for a test file. What the object holds is there from beforeAll on. */
export function useDatabase(): DripBase {
  const base = {} as DripBase;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const testDatabase = await createTestDatabase();
    base.url = testDatabase.url;
    base.database = new Database({ url: testDatabase.url });
    drop = testDatabase.drop;
  });
  afterAll(async () => {
    await base.database.close();
    await drop();
  });
  return base;
}

/** An organization with a sender, a drip and people in it. */
export async function setup(
  { database }: DripBase,
  given: {
    people?: number;
    drip?: Parameters<typeof makeDrip>[2];
    timezone?: string;
    businessHours?: object;
  } = {},
) {
  const { timezone = "Europe/Amsterdam", businessHours = {} } = given;
  const organization = await makeOrganization(database, { timezone, businessHours });
  await makeSender(database, organization);
  const drip = await makeDrip(database, organization, given.drip);
  const contacts = await makeContacts(database, organization, given.people ?? 1);
  const people = await makeEnrollments(database, drip, contacts);
  return { organization, drip, contacts, people, first: people[0] as (typeof people)[number] };
}

/** What a statement changed or returned, or the SQLSTATE of its refusal. */
export async function attempt(
  { database }: DripBase,
  identity: Identity,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<number | string> {
  try {
    return await database.transaction(identity, (tx) => tx.run(sql, parameters));
  } catch (error) {
    return String((error as { code?: string }).code);
  }
}

/** Work of the worker's as if so much later (or earlier) than it is. */
export function at<T>(
  { database }: DripBase,
  offset: string,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return database.transaction(worker, async (tx) => {
    await tx.one("select set_config('adsapp.now_offset', $1, true)", [offset]);
    return work(tx);
  });
}

/** The offset at which adsapp_now() is this moment, nearly. */
export const offsetTo = (moment: string | Date) =>
  `${Math.round((new Date(moment).getTime() - Date.now()) / 1000)} seconds`;
