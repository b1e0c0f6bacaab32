import { readConfig } from "../config.ts";
import { Database } from "../db/database.ts";
import { embeddedUrl, runningEmbedded } from "../db/embedded/index.ts";
import { operator, worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import { resolveOrganization, resolveProfile } from "../organizations/organization.ts";
import text from "./names.sql";

export const KINDS = [
  "campaigns",
  "drips",
  "anyCampaigns",
  "lists",
  "senders",
  "templates",
  "rules",
  "sources",
  "users",
  "tags",
  "organizations",
] as const;
/** What names are of. */
export type Kind = (typeof KINDS)[number];

const sql = namedQueries(text, ...KINDS);

/**
 * The names of a kind that the acting profile may see; none when there is no database that runs.
 * @param given --org and --as of the line
 * @throws whatever goes wrong, soon: somebody waits with a finger on the key
 */
export async function namesOf(
  kind: Kind,
  env: NodeJS.ProcessEnv,
  given: { org?: string | undefined; as?: string | undefined },
): Promise<string[]> {
  const config = readConfig(env);
  const running = config.databaseUrl === undefined ? await runningEmbedded(config.home) : undefined;
  const url = config.databaseUrl ?? (running === undefined ? undefined : embeddedUrl(running));
  if (url === undefined) return [];
  const { workerDatabaseUrl: workerUrl, operatorDatabaseUrl: operatorUrl } = config;
  const database = new Database({ url, workerUrl, operatorUrl, connectSeconds: 1, connections: 1 });
  try {
    const who = await database.transaction(worker, async (tx) => {
      await tx.run(SOON);
      if (kind === "organizations") return undefined;
      const { id } = await resolveOrganization(tx, given.org ?? config.organization);
      return { id, profile: await resolveProfile(tx, id, given.as ?? config.user) };
    });
    const rows = await database.transaction(
      who === undefined ? worker : operator(who.profile),
      async (tx) => {
        await tx.run(SOON);
        return tx.query<{ name: string }>(sql[kind], who === undefined ? [] : [who.id]);
      },
    );
    return rows.map(({ name }) => name);
  } finally {
    await database.close();
  }
}

const SOON = "set local statement_timeout = '1s'";
