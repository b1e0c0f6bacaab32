// For knex's own command line: `node --import tsx node_modules/.bin/knex migrate:latest` does what `adsapp migrate up` does.
import type { Knex } from "knex";
import { readConfig } from "./src/config.ts";
import { embeddedUrl, ensureEmbedded } from "./src/db/embedded/index.ts";
import { migratorConfig } from "./src/db/migrations.ts";
import { secureUrl } from "./src/db/secure-url.ts";

export default async function knexfile(): Promise<Knex.Config> {
  const config = readConfig(process.env);
  return {
    client: "pg",
    connection: secureUrl(config.databaseUrl ?? embeddedUrl(await ensureEmbedded(config.home))),
    pool: { min: 0, max: 2 },
    migrations: migratorConfig(),
  };
}
