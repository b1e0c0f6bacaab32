import { execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { inject } from "vitest";
import { until } from "../support/until.ts";

const PROGRAM = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].find((path) => existsSync(path));

export interface Pooler {
  /** the URL of a database behind the pooler */
  urlOf(databaseUrl: string): string;
  stop(): Promise<void>;
}

/**
 * Debian's PgBouncer in transaction mode before the run's cluster, on a private socket, with `sessions` server connections:
 * fewer than its clients, so that each is handed on.
 */
export async function startPgBouncer(sessions: number): Promise<Pooler> {
  if (PROGRAM === undefined) throw new Error("no PgBouncer. Run: apt-get install pgbouncer");
  const cluster = inject("cluster");
  const folder = mkdtempSync(join(tmpdir(), "adsapp-pooler-"));
  const port = await freePort();
  const ini = join(folder, "pgbouncer.ini");
  writeFileSync(
    ini,
    `[databases]
* = host=${cluster.host} port=${cluster.port}
[pgbouncer]
listen_addr =
listen_port = ${port}
unix_socket_dir = ${folder}
auth_type = any
pool_mode = transaction
default_pool_size = ${sessions}
max_client_conn = 500
ignore_startup_parameters = extra_float_digits
logfile = ${join(folder, "pgbouncer.log")}
`.replace("* = ", `* = user=${cluster.user} `),
  );
  const asRoot = process.getuid?.() === 0;
  const server = asRoot ? idOf("postgres") : undefined; // it refuses to run as root
  if (server !== undefined) {
    chmodSync(folder, 0o777);
    chownSync(folder, server.uid, server.gid);
  }
  const child = spawn(PROGRAM, ["-q", ini], { ...server, stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const stop = async () => {
    child.kill("SIGINT");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  await until("PgBouncer listens", async () => existsSync(join(folder, `.s.PGSQL.${port}`)));
  return {
    urlOf: (databaseUrl) => {
      const { pathname, username } = new URL(databaseUrl);
      return `postgresql://${username}@localhost${pathname}?host=${encodeURIComponent(folder)}&port=${port}&sslmode=disable`;
    },
    stop,
  };
}

function idOf(user: string): { uid: number; gid: number } {
  const id = (flag: string) => Number(execFileSync("id", [flag, user]).toString());
  return { uid: id("-u"), gid: id("-g") };
}

/** Sockets of one folder are told apart by it; a port that nobody listens on keeps others' from being met. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A plain connection, as any other program's. */
export async function plainClient(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  return client;
}
