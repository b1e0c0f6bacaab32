// A database with two organizations, opened as a program that uses the library opens it.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openDatabase } from "../../src/index.ts";
import { packageRoot } from "../../src/root.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeOrganization, makeSender } from "../support/factories.ts";

/** An hour after the time of the document's broadcast. */
export const NOW = new Date("2025-11-15T11:00:00Z");

export async function setup(given: { now?: Date } = {}) {
  const testDatabase = await createTestDatabase();
  const home = mkdtempSync(join(tmpdir(), "adsapp-library-"));
  const env = { DATABASE_URL: testDatabase.url, ADSAPP_HOME: home };
  const database = await openDatabase({ env, now: given.now ?? NOW });
  onTestFinished(async () => {
    await database.close();
    await testDatabase.drop();
    rmSync(home, { recursive: true, force: true });
  });
  const organization = await makeOrganization(database, { slug: "jansen", name: "Bakkerij Jansen" });
  await makeSender(database, organization);
  const other = await makeOrganization(database, { slug: "pietersen" });
  return { database, env, organization, other };
}

/** A TypeScript block of the document, by its heading. */
export function documentBlock(heading: string): string {
  const text = readFileSync(join(packageRoot(), "test/library/document.md"), "utf8");
  const [, block] = /```typescript\n(.*?)^```$/ms.exec(text.split(`### ${heading}\n`)[1] ?? "") ?? [];
  if (block === undefined) throw new Error(`the document has no block below "${heading}"`);
  return block;
}

const AsyncFunction = (async () => {}).constructor as new (
  ...words: string[]
) => (...values: unknown[]) => Promise<unknown>;

/** Runs statements as they are written, with these names in sight. */
export function runWritten(block: string, names: Record<string, unknown>): Promise<unknown> {
  return new AsyncFunction(...Object.keys(names), block)(...Object.values(names));
}

/** The object that is written there. */
export function writtenObject(block: string): Promise<unknown> {
  return runWritten(`return (\n${block}\n)`, {});
}
