// A process that brings up the embedded PostgreSQL of argv[2], uses it, prints the server's answer and waits for the end
// of stdin: for tests of several processes, and of what outlives them.
import pg from "pg";
import { embeddedUrl, ensureEmbedded } from "../../src/db/embedded/index.ts";

const connection = await ensureEmbedded(process.argv[2] as string, { fsync: false });
const client = new pg.Client({ connectionString: embeddedUrl(connection) });
await client.connect();
const { rows } = await client.query<{ word: string }>(
  "select current_user || '@' || current_database() as word",
);
await client.end();
console.log(rows[0]?.word);
for await (const _ of process.stdin);
