import type { Database } from "../../db/database.ts";
import { owner } from "../../db/identity.ts";
import { namedQueries } from "../../db/queries.ts";
import text from "./doctor.sql";
import { broken, type Finding, ok, warn } from "./finding.ts";

const sql = namedQueries(text, "server", "transactions");

interface Server {
  version: string;
  number: number;
  fsync: boolean;
  fullPageWrites: boolean;
  synchronousCommit: string;
  autovacuum: boolean;
  isReadOnly: boolean;
  mostConnections: number;
  connections: number;
  size: string;
  login: string;
  now: Date;
}

interface LongTransaction {
  pid: number;
  who: string;
  state: string | null;
  seconds: number;
}

/** Seconds by which the clock of something differs from this host's; positive: it is ahead. */
export type Skew = number;

const OLDEST = 150_000;
/** Nothing that decides reads the host's clock; logs and the times of answers do. */
const MOST_SKEW = 60;

/** PostgreSQL itself. @param tooLong for a transaction to stay open @returns how far its clock is ahead of this host's, too @throws UserError when it cannot be reached */
export async function serverFindings(
  database: Database,
  tooLong = "5 minutes",
): Promise<{ findings: Finding[]; skew: Skew }> {
  const { server, transactions, skew } = await database.transaction(owner, async (tx) => {
    await tx.one("select 1"); // the first one pays for the connection
    const asked = Date.now();
    const server = (await tx.one<Server>(sql.server)) as Server;
    const here = (asked + Date.now()) / 2;
    const transactions = await tx.query<LongTransaction>(sql.transactions, [tooLong]);
    return { server, transactions, skew: (server.now.getTime() - here) / 1000 };
  });
  const findings = [
    versionFinding(server),
    settingsFinding(server),
    connectionsFinding(server),
    transactionsFinding(transactions),
    skewFinding("clock", "the database's clock", skew),
  ];
  return { findings: [ok("database", `reached as ${server.login}, ${server.size}`), ...findings], skew };
}

function versionFinding({ version, number }: Server): Finding {
  return number < OLDEST
    ? broken("version", `PostgreSQL ${version}; adsapp wants 15 or newer`, "upgrade the server")
    : ok("version", `PostgreSQL ${version}`);
}

function settingsFinding({
  fsync,
  fullPageWrites,
  synchronousCommit,
  autovacuum,
  isReadOnly,
}: Server): Finding {
  const check = "settings";
  if (isReadOnly)
    return broken(check, "it is read-only: a replica, or set so", "let DATABASE_URL name the primary");
  const unsafe = [...(fsync ? [] : ["fsync"]), ...(fullPageWrites ? [] : ["full_page_writes"])];
  if (unsafe.length > 0)
    return broken(
      check,
      `${unsafe.join(" and ")} off: the machine's end may take the whole database with it`,
      unsafe.map((name) => `alter system reset ${name}`).join("; "),
    );
  if (synchronousCommit === "off")
    return warn(
      check,
      "synchronous_commit is off: a crash may forget what was just sent, so that it is sent again",
      "alter system reset synchronous_commit",
    );
  return autovacuum
    ? ok(check, "what is committed is kept")
    : warn(check, "autovacuum is off: tables grow and claims get slow", "alter system reset autovacuum");
}

function connectionsFinding({ connections, mostConnections }: Server): Finding {
  const found = `${connections} of ${mostConnections} connections are taken; a tick takes 3`;
  return mostConnections - connections < 6
    ? warn("connections", found, "raise max_connections, or put PgBouncer in front")
    : ok("connections", found);
}

function transactionsFinding(transactions: readonly LongTransaction[]): Finding {
  const [oldest] = transactions;
  if (oldest === undefined) return ok("transactions", "none has been open for longer than 5 minutes");
  const { pid, who, seconds, state } = oldest;
  const found = `${who} has had one open for ${Math.round(seconds / 60)} minutes (${state}); what is deleted meanwhile takes room`;
  const mend = `end it: select pg_terminate_backend(${pid})`;
  return seconds > 3600 ? broken("transactions", found, mend) : warn("transactions", found, mend);
}

/** @param whose "the database's clock" */
export function skewFinding(
  check: string,
  whose: string,
  skew: Skew,
  subject: string | null = null,
): Finding {
  const seconds = Math.abs(skew) < 1 ? "less than a second" : `${Math.round(Math.abs(skew))} s`;
  const found = `${whose} and this host's differ by ${seconds}`;
  return Math.abs(skew) > MOST_SKEW
    ? warn(check, found, "let both follow a time server (timedatectl set-ntp true)", subject)
    : ok(check, found, subject);
}
