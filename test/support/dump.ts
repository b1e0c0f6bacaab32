// The schema as text: `npm run db:dump` writes test/schema.sql, so that a review sees what a migration changes. From the
// catalogue, by our own query: the same text whichever PostgreSQL made it, without pg_dump.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { embeddedUrl } from "../../src/db/embedded/index.ts";
import { migrateUp } from "../../src/db/migrate.ts";
import { packageRoot } from "../../src/root.ts";
import { startEmbeddedCluster } from "./embedded-cluster.ts";

export const SCHEMA_FILE = join(packageRoot(), "test", "schema.sql");

const HEADER = "-- The schema after all migrations, by test/support/dump.ts. Do not edit: npm run db:dump\n";

/**
 * Every object of the database's schemas, one after the other, each with its parts indented below it.
 * @param source a connection, or a URL to open one
 */
export async function dumpSchema(source: string | pg.ClientBase): Promise<string> {
  if (typeof source !== "string") return textOf(source);
  const client = new pg.Client({ connectionString: source });
  await client.connect();
  try {
    return await textOf(client);
  } finally {
    await client.end();
  }
}

async function textOf(client: pg.ClientBase): Promise<string> {
  const query = readFileSync(join(packageRoot(), "test", "support", "schema-dump.sql"), "utf8");
  const { rows } = await client.query<{ section: number; text: string }>(query);
  const lines = rows.map(({ section, text }) =>
    section === 0 ? `\n${text}` : text.replace(/^(?=.)/gm, "  "),
  );
  return `${HEADER}${lines.join("\n")}\n`;
}

/** Migrates a fresh database of a cluster of its own, and dumps that. */
async function dumpFresh(): Promise<string> {
  const { cluster, stop } = await startEmbeddedCluster();
  try {
    const url = embeddedUrl({ ...cluster, user: "adsapp", database: "adsapp" });
    await migrateUp(url);
    return await dumpSchema(url);
  } finally {
    await stop();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(SCHEMA_FILE, await dumpFresh());
  console.error(`${SCHEMA_FILE} written`);
}
