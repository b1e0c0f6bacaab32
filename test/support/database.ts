import { inject } from "vitest";
import { cloneTemplate, type TestDatabase } from "./cluster.ts";

/**
 * A migrated, empty database for one test file: `beforeAll(async () => { db = await createTestDatabase(); })`, and
 * `drop` afterwards, which also ends sessions that are still open.
 */
export function createTestDatabase(): Promise<TestDatabase> {
  return cloneTemplate(inject("cluster"));
}

/** A copy of such a database with what a test has put there; nobody may be connected to it at that time. */
export function copyTestDatabase({ name }: TestDatabase): Promise<TestDatabase> {
  return cloneTemplate(inject("cluster"), name);
}
