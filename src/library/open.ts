import { refuseRealSenders } from "../cli/rehearsal.ts";
import { readConfig } from "../config.ts";
import type { Database } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { openConfigured, urlOf } from "../db/open.ts";

export interface OpenOptions {
  /** postgresql://…; without it DATABASE_URL, config.json, or else the embedded PostgreSQL, started when it does not run */
  url?: string;
  /** rehearse: the database's clock starts here and runs on, as under `--now` */
  now?: Date;
  /** instead of this process's environment (docs: configuration) */
  env?: Record<string, string | undefined>;
}

/**
 * Opens the database as the command line does: same configuration, same check of the schema. Close it with `close()`.
 *
 * ```ts
 * const database = await openDatabase();
 * ```
 *
 * @throws UserError (75) when it cannot be reached, (1) when `adsapp migrate up` has to run first, (2) for a configuration that
 *   is at fault, or for `now` where a sender uses Meta's host
 */
export async function openDatabase(options: OpenOptions = {}): Promise<Database> {
  const { url, now, env = process.env } = options;
  const config = readConfig(url === undefined ? env : { ...env, DATABASE_URL: url });
  const database = await openConfigured(config, await urlOf(config), now);
  try {
    await database.transaction(worker, async (tx) => {
      if (now !== undefined) await refuseRealSenders(tx, undefined, "now");
    });
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}
