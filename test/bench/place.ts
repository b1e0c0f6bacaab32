import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database } from "../../src/db/database.ts";
import { SETTINGS as EMBEDDED_SETTINGS } from "../../src/db/embedded/cluster.ts";
import { ensureEmbedded } from "../../src/db/embedded/index.ts";
import { owner } from "../../src/db/identity.ts";
import { cloneTemplate, makeTemplate, type RunningCluster, startCluster } from "../support/cluster.ts";
import { startSystemCluster } from "../support/system-cluster.ts";
import { parentOf } from "./processes.ts";

/** A cluster of one's own, as `adsapp` makes it for its users (with fsync), and a folder. */
export interface Place {
  home: string;
  /** the process id of the server */
  postmaster: number;
  /** a fresh database with the schema; closed and dropped at the end */
  newDatabase(): Promise<BenchDatabase>;
}

export interface BenchDatabase {
  url: string;
  database: Database;
  /** one statement as the superuser */
  sql<R extends object>(text: string, parameters?: readonly unknown[]): Promise<R[]>;
  drop(): Promise<void>;
}

const SETTINGS = { max_connections: "200", max_wal_size: "4GB" };

/** adsapp's own server, or with `ADSAPP_BENCH_POSTGRES=system` Debian's, with the same settings. */
function start(): Promise<RunningCluster> {
  const { ADSAPP_BENCH_POSTGRES: which = "embedded" } = process.env;
  if (which === "embedded")
    return startCluster(async (home) => {
      await ensureEmbedded(home, { settings: SETTINGS });
    });
  if (which !== "system") throw new Error(`ADSAPP_BENCH_POSTGRES is embedded or system, not ${which}`);
  const { io_method: _, ...known } = EMBEDDED_SETTINGS; // of PostgreSQL 18
  return startSystemCluster({ ...known, ...SETTINGS });
}

export async function withPlace(work: (place: Place) => Promise<void>): Promise<void> {
  const { cluster, stop } = await start();
  const home = mkdtempSync(join(tmpdir(), "adsapp-bench-"));
  const open: BenchDatabase[] = [];
  const newDatabase = async () => {
    const { url, drop } = await cloneTemplate(cluster);
    const opened = benchDatabase(url, drop);
    open.push(opened);
    return opened;
  };
  try {
    await makeTemplate(cluster);
    const first = await newDatabase();
    const [backend] = await first.sql<{ pid: number }>("select pg_backend_pid() as pid");
    await work({ home, postmaster: parentOf(backend?.pid ?? 0), newDatabase });
  } finally {
    for (const { database } of open) await database.close();
    await stop();
    rmSync(home, { recursive: true, force: true });
  }
}

function benchDatabase(url: string, dropIt: () => Promise<void>): BenchDatabase {
  const database = new Database({ url });
  return {
    url,
    database,
    sql: (text, parameters) => database.transaction(owner, (tx) => tx.query(text, parameters)),
    async drop() {
      await database.close();
      await dropIt();
    },
  };
}
