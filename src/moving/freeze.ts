import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { giveBackLanes, holdLanes } from "../db/lanes.ts";
import { namedQueries } from "../db/queries.ts";
import { ExitCode, UserError } from "../errors.ts";
import text from "./moving.sql";

const sql = namedQueries(text, "others", "end", "isFrozen");

const PATIENCE_MS = 10_000;

/** Does a session that asks for nothing else only read? */
export async function isFrozen(client: pg.Client): Promise<boolean> {
  return (await client.query<{ frozen: boolean }>(sql.isFrozen)).rows[0]?.frozen === true;
}

/**
 * Lets the database be read only: waits until no tick sends, makes it the default of every session to come, and ends those that are
 * open. Ticks there say "read-only, try again" from now on, and webhooks are answered 503, so that Meta sends them again.
 * @param client a session that may write all the same
 * @throws UserError when the login does not own the database, or cannot end somebody's session; then all is as it was
 */
export async function freeze(client: pg.Client, onWait: (holders: string) => void): Promise<void> {
  const wasFrozen = await isFrozen(client);
  try {
    await holdLanes(client, onWait);
    await setReadOnly(client, true);
    await endOthers(client);
    await giveBackLanes(client);
  } catch (error) {
    await giveBackLanes(client).catch(() => {});
    if (!wasFrozen) await setReadOnly(client, false).catch(() => {});
    throw error;
  }
}

/** Lets it be written again, by sessions to come. */
export async function thaw(client: pg.Client): Promise<void> {
  await setReadOnly(client, false);
}

async function setReadOnly(client: pg.Client, on: boolean): Promise<void> {
  const { rows } = await client.query<{ name: string }>("select current_database() as name");
  const name = pg.escapeIdentifier(rows[0]?.name ?? "");
  const change = on ? "set default_transaction_read_only = on" : "reset default_transaction_read_only";
  await client.query(`alter database ${name} ${change}`).catch((error: { code?: string }) => {
    if (error.code !== "42501") throw error;
    throw new UserError("this login may not stop writes to the database: it does not own it", {
      hint: "Nothing was changed. Run it with the owner's URL, or have the owner stop all ticks and servers first.",
      exitCode: ExitCode.Failed,
      cause: error,
    });
  });
}

/** Sessions keep the default that they began with. */
async function endOthers(client: pg.Client): Promise<void> {
  const own = (await client.query<{ pid: number }>("select pg_backend_pid() as pid")).rows.map(
    ({ pid }) => pid,
  );
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const { rows } = await client.query<{ pid: number; name: string; login: string }>(sql.others, [own]);
    if (rows.length === 0) return;
    if (performance.now() > deadline) throw stillThere(rows);
    const ends = rows.map(({ pid }) => client.query(sql.end, [pid]).catch(() => {})); // not ours to end: it may go by itself
    await Promise.all(ends);
    await setTimeout(100);
  }
}

function stillThere(sessions: readonly { name: string; login: string }[]): UserError {
  const names = [...new Set(sessions.map(({ name, login }) => `${name} (${login})`))].join(", ");
  return new UserError(`sessions that may write do not end: ${names}`, {
    hint: "Nothing was changed. Stop them, or run it with a login that may end them (pg_signal_backend).",
    exitCode: ExitCode.TryAgain,
  });
}
