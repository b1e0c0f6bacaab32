import { setTimeout } from "node:timers/promises";
import type pg from "pg";
import { ExitCode, UserError } from "../errors.ts";

/** how long a statement of a migration waits for a table */
export const LOCK_MILLISECONDS = 2_000;

/** a lock that did not come in time; a deadlock with somebody who took the tables in another order */
const IN_THE_WAY = new Set(["55P03", "40P01"]);

/**
 * Whoever waits for a table keeps everybody waiting who comes later. So a migration waits for a moment only, gives back what it has, and
 * tries once more: ticks go on in between.
 * @param patience seconds
 * @throws UserError (75) when somebody holds a table for longer
 */
export async function patiently<T>(client: pg.Client, patience = 120, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patience * 1000;
  for (let pause = 100; ; pause = Math.min(2 * pause, 5_000)) {
    try {
      return await work();
    } catch (error) {
      if (!IN_THE_WAY.has((error as pg.DatabaseError).code ?? "")) throw error;
      if (performance.now() + pause > deadline) throw await tellWhoHolds(client, error);
    }
    await setTimeout(pause);
  }
}

async function tellWhoHolds(client: pg.Client, cause: unknown): Promise<UserError> {
  const { rows } = await client.query<{ pid: number }>(
    `select distinct l.pid from pg_locks l join pg_class c on c.oid = l.relation
      where l.database = (select oid from pg_database where datname = current_database()) and l.granted and c.relnamespace = 'public'::regnamespace
        and c.relkind = 'r' and l.pid <> pg_backend_pid() order by 1 limit 5`,
  );
  const who = rows.length === 0 ? "" : ` (process ${rows.map(({ pid }) => pid).join(", ")})`;
  return new UserError(`other sessions hold tables that a migration has to change${who}`, {
    hint: "Nothing was changed. Try again when they are done: pg_stat_activity tells what they do.",
    exitCode: ExitCode.TryAgain,
    cause,
  });
}
