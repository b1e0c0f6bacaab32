import { Database } from "../../src/db/database.ts";
import { owner } from "../../src/db/identity.ts";

/** One connection, so that it is its session that counts; its pages cost what they do in the database that adsapp brings. */
export function aloneIn(url: string): Database {
  const settings = encodeURIComponent("-c random_page_cost=1.1");
  return new Database({ url: `${url}${url.includes("?") ? "&" : "?"}options=${settings}`, connections: 1 });
}

/** Nobody counts what is in these tables of the test's own database, however long it takes. */
export async function leaveUncounted(database: Database, tables: readonly string[]): Promise<void> {
  await database.transaction(owner, async (tx) => {
    for (const table of tables) await tx.run(`alter table ${table} set (autovacuum_enabled = off)`);
  });
}

/** How many rows of these tables a piece of work looks at. @param alone of aloneIn */
export async function rowsReadBy(
  alone: Database,
  tables: readonly string[],
  work: () => Promise<unknown>,
): Promise<number> {
  const before = await rowsRead(alone, tables);
  await work();
  return (await rowsRead(alone, tables)) - before;
}

async function rowsRead(alone: Database, tables: readonly string[]): Promise<number> {
  await alone.transaction(owner, (tx) => tx.query("select pg_stat_force_next_flush()"));
  const row = await alone.transaction(owner, (tx) =>
    tx.one<{ rows: number }>(
      "select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) as rows from pg_stat_user_tables where relname = any ($1)",
      [tables],
    ),
  );
  return Number(row?.rows);
}
