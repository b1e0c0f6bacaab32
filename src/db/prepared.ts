import type pg from "pg";

/**
 * Statements that a connection plans once. Behind a pooler the next transaction may be another server session's, which
 * has not heard of them (PgBouncer before 1.21): there each is planned anew.
 */
const isDirect = new WeakMap<pg.PoolClient, boolean>();
const names = new Map<string, string>();

/** @returns the name under which this connection may prepare the statement; undefined: not at all */
export async function preparedName(client: pg.PoolClient, sql: string): Promise<string | undefined> {
  const direct = isDirect.get(client) ?? (await talksToItsServer(client));
  isDirect.set(client, direct);
  if (!direct) return undefined;
  let name = names.get(sql);
  if (name === undefined) {
    name = `adsapp_${names.size + 1}`;
    names.set(sql, name);
  }
  return name;
}

/** A pooler makes up the process id that it gives its clients for cancelling. */
export async function talksToItsServer(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  return rows[0]?.pid === (client as unknown as { processID: number | null }).processID;
}
