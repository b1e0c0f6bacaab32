import type { Config } from "../config.ts";
import { Database } from "./database.ts";
import { worker } from "./identity.ts";
import { requireSchema } from "./schema.ts";

/** The URL of the database; the embedded PostgreSQL, started when it does not run, where the configuration names none. */
export async function urlOf(config: Config): Promise<string> {
  if (config.databaseUrl !== undefined) return config.databaseUrl;
  const { embeddedUrl, ensureEmbedded } = await import("./embedded/index.ts");
  return embeddedUrl(await ensureEmbedded(config.home));
}

/** The database as the configuration has it, with this program's schema. @param now where its clock starts (`--now`) */
export async function openConfigured(config: Config, url: string, now: Date | undefined): Promise<Database> {
  const database = new Database({
    url,
    workerUrl: config.workerDatabaseUrl,
    operatorUrl: config.operatorDatabaseUrl,
    idleSeconds: config.laneLeaseSeconds,
    requireSchema,
  });
  if (now !== undefined) database.setNowOffset(await offsetTo(database, now));
  return database;
}

/** What to add to the database's clock so that it reads `now` at this moment and runs on from there. */
async function offsetTo(database: Database, now: Date): Promise<string> {
  const row = await database.transaction(worker, (tx) =>
    tx.one<{ offset: string }>("select ($1::timestamptz - clock_timestamp())::text as offset", [
      now.toISOString(),
    ]),
  );
  return row?.offset ?? "0";
}
