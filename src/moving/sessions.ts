import pg from "pg";
import { connectionFault } from "../db/faults.ts";
import { talksToItsServer } from "../db/prepared.ts";
import { secureUrl } from "../db/secure-url.ts";
import { ExitCode, UserError } from "../errors.ts";

/** So that both sides write a row's text alike. */
const SETTINGS = [
  "timezone = 'UTC'",
  "datestyle = 'ISO, YMD'",
  "intervalstyle = 'postgres'",
  "bytea_output = 'hex'",
  "extra_float_digits = 1",
  "idle_in_transaction_session_timeout = 0",
  "statement_timeout = 0",
];
/** One number for all of adsapp: whoever holds it moves a database, from here or to here. */
const MOVE_LOCK = 7_237_002;

export const TARGET = "the target";

/**
 * A session of its own on the server itself, which may write also where the database's default says read only.
 * @throws UserError behind a pooler, which would hand the session's settings to others
 */
export async function openSession(url: string, what: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: secureUrl(url), application_name: "adsapp db move" });
  client.on("error", () => {});
  try {
    await client.connect();
    if (!(await talksToItsServer(client))) throw pooled(what);
    const settings = [...SETTINGS, "default_transaction_read_only = off"];
    await client.query(settings.map((setting) => `set ${setting}`).join("; "));
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw named(what, connectionFault(error)) ?? error;
  }
}

/** Which of the two databases it was. */
function named(what: string, fault: UserError | undefined): UserError | undefined {
  if (fault === undefined || what !== TARGET) return fault;
  return new UserError(fault.message.replace("the database", what), {
    hint: "Nothing was changed. Look at the URL of --to.",
    exitCode: fault.exitCode,
    cause: fault.cause,
  });
}

/** Until the session ends. @throws UserError (75) when another move has this database, be it as its source or its target */
export async function lockForMoving(client: pg.Client, what: string): Promise<void> {
  const { rows } = await client.query<{ got: boolean }>("select pg_try_advisory_lock($1) as got", [
    MOVE_LOCK,
  ]);
  if (rows[0]?.got === true) return;
  throw new UserError(`${what} is being moved already, or is the same database as the other`, {
    hint: "Nothing was changed. --to names another database than the one in use (adsapp db url).",
    exitCode: ExitCode.TryAgain,
  });
}

function pooled(what: string): UserError {
  return new UserError(`${what} answers through a pooler`, {
    hint: "Nothing was changed. A move needs sessions of its own: name the server itself, not PgBouncer.",
    exitCode: ExitCode.Failed,
  });
}
