import { migrateUp } from "../../src/db/migrate.ts";

/** Fills the template database, once for a test run: every test file works on a clone of it. */
export async function prepareTemplate(url: string): Promise<void> {
  await migrateUp(url);
}
