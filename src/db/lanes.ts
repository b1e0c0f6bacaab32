import { hostname } from "node:os";
import { setTimeout } from "node:timers/promises";
import type pg from "pg";
import { ExitCode, UserError } from "../errors.ts";
import text from "./lanes.sql";
import { namedQueries } from "./queries.ts";

const sql = namedQueries(text, "knowsLanes", "holdFreeLanes", "heldByOthers", "giveBack");

const LEASE = "15 seconds";
const RENEW_MS = 1_000;
/** A tick of cron's ends within its minute. */
const PATIENCE_MS = 90_000;

const holder = () => `${hostname()}:${process.pid} (db)`;

/**
 * Takes every sender's lane, so that nothing is being sent and no tick begins to, waiting for the ticks that hold one: each writes down what became of its requests first. A kill leaves leases
 * that run out in a quarter of one.
 * @param client may change senders; a connection of one's own, outside of a transaction
 * @param onWait told once, with who is waited for
 * @throws UserError (75) when a lane is not free after a minute and a half
 */
export async function holdLanes(client: pg.Client, onWait: (holders: string) => void): Promise<void> {
  if (!(await knowsLanes(client))) return;
  const deadline = performance.now() + PATIENCE_MS;
  for (let isFirst = true; ; isFirst = false) {
    await client.query(sql.holdFreeLanes, [holder(), LEASE]);
    const others = (await client.query<{ holders: string[] }>(sql.heldByOthers, [holder()])).rows[0]?.holders;
    if (others === undefined || others.length === 0) return;
    if (performance.now() > deadline) {
      await giveBackLanes(client);
      throw stillSending(others);
    }
    if (isFirst) onWait(others.join(", "));
    await setTimeout(RENEW_MS);
  }
}

/** What `holdLanes` of this process took. */
export async function giveBackLanes(client: pg.Client): Promise<void> {
  if (await knowsLanes(client)) await client.query(sql.giveBack, [holder()]);
}

/** A schema that has senders; before the first migration there is nothing to hold. */
async function knowsLanes(client: pg.Client): Promise<boolean> {
  return (await client.query<{ knows: boolean }>(sql.knowsLanes)).rows[0]?.knows === true;
}

function stillSending(holders: readonly string[]): UserError {
  return new UserError(`a tick is still sending: ${holders.join(", ")}`, {
    hint: "Nothing was changed. Try again when it is done, or end it with SIGTERM: it hands back what it has not sent.",
    exitCode: ExitCode.TryAgain,
  });
}
