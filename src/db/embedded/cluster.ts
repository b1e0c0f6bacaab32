import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chmod, chown, cp, mkdtemp, open, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ExitCode, UserError } from "../../errors.ts";
import { publish } from "./drafts.ts";
import type { ClusterFolders } from "./folders.ts";
import { asServer, cannotRun } from "./server.ts";

export interface EmbeddedOptions {
  /** false: tests, which may lose their data with the machine */
  fsync?: boolean;
  /** further lines of postgresql.conf, written when the cluster is made */
  settings?: Record<string, string>;
}

/** For some million rows on a small machine: idle it takes little, and a bulk import does not checkpoint all the time. */
export const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "",
  max_connections: "60",
  // touched memory counts, so an idle server stays small; huge pages and a small /dev/shm break containers
  shared_buffers: "128MB",
  huge_pages: "off",
  dynamic_shared_memory_type: "mmap",
  work_mem: "16MB",
  maintenance_work_mem: "128MB",
  autovacuum_work_mem: "64MB",
  effective_cache_size: "1GB",
  random_page_cost: "1.1",
  jit: "off",
  // fewer processes: no I/O workers, no parallel workers beside the ticks
  io_method: "sync",
  max_parallel_workers: "0",
  // no replicas
  wal_level: "minimal",
  max_wal_senders: "0",
  max_replication_slots: "0",
  max_logical_replication_workers: "0",
  max_wal_size: "1GB",
  checkpoint_timeout: "15min",
  // statements and details hold phone numbers
  log_destination: "stderr",
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
  log_checkpoints: "off",
  log_timezone: "UTC",
  timezone: "UTC",
};

const UNSAFE: Record<string, string> = { fsync: "off", full_page_writes: "off" };

/**
 * Makes the data folder if there is none.
 * @throws UserError when another major version made the one that is there, or it is something else
 */
export async function ensureCluster(
  folders: ClusterFolders,
  runtime: string,
  options: EmbeddedOptions,
): Promise<void> {
  const version = join(folders.data, "PG_VERSION");
  if (!existsSync(version)) {
    if (existsSync(folders.data) && readdirSync(folders.data).length > 0) throw inTheWay(folders);
    await publish(folders.data, "PG_VERSION", (draft) => initialise(folders, runtime, draft, options));
    if (options.fsync !== false) await flush(folders.base);
  }
  requireVersion(folders, readFileSync(version, "utf8").trim(), /pg-(\d+)/.exec(runtime)?.[1]);
}

async function initialise(
  folders: ClusterFolders,
  runtime: string,
  draft: string,
  options: EmbeddedOptions,
): Promise<void> {
  if (folders.server !== undefined) await chown(draft, folders.server.uid, folders.server.gid);
  const settings = { ...SETTINGS, ...(options.fsync === false ? UNSAFE : {}), ...options.settings };
  const sets = Object.entries(settings).map(([name, value]) => `--set=${name}=${value}`);
  const sync = options.fsync === false ? ["--no-sync"] : [];
  await withPlainPath(runtime, (plain) => initdb(folders, plain, ["-D", draft, ...sync, ...sets]));
}

async function initdb(folders: ClusterFolders, runtime: string, options: readonly string[]): Promise<void> {
  const who = ["--username=adsapp", "--auth=trust", "--no-instructions"];
  const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  const program = join(runtime, "bin", "initdb");
  try {
    await promisify(execFile)(program, [...who, ...locale, ...options], asServer(folders));
  } catch (cause) {
    const { stderr = "", syscall } = cause as { stderr?: string; syscall?: string };
    if (syscall !== undefined) throw cannotRun(program, cause);
    const word = stderr.match(/^.*(?:error|FATAL):.*$/m)?.[0] ?? stderr.trim().split("\n").at(-1);
    throw new UserError(`the embedded database could not be made: ${word || "initdb was stopped"}`, {
      hint: `It is made in ${folders.base}.`,
      exitCode: ExitCode.Failed,
      cause,
    });
  }
}

/** initdb puts its own path into shell commands, between double quotes: what the shell reads there must not occur. */
async function withPlainPath(runtime: string, work: (plain: string) => Promise<void>): Promise<void> {
  if (!/["$`\\\n]/.test(runtime)) return work(runtime);
  const plain = await mkdtemp("/tmp/adsapp-initdb-");
  try {
    await chmod(plain, 0o755);
    await cp(join(runtime, "bin"), join(plain, "bin"), { recursive: true });
    for (const folder of ["lib", "share"]) await symlink(join(runtime, folder), join(plain, folder));
    await work(plain);
  } finally {
    await rm(plain, { recursive: true, force: true });
  }
}

/** So that a power cut does not take the folder away from under what is written to it from now on. */
async function flush(folder: string): Promise<void> {
  const handle = await open(folder);
  await handle.sync().finally(() => handle.close());
}

function requireVersion(folders: ClusterFolders, made: string, ours: string | undefined): void {
  if (ours === undefined || made === ours) return;
  throw new UserError(`the embedded database was made by PostgreSQL ${made}; this adsapp brings ${ours}`, {
    hint: `Use the adsapp that made it, or move ${folders.data} away to begin anew.`,
    exitCode: ExitCode.Failed,
  });
}

function inTheWay(folders: ClusterFolders): UserError {
  return new UserError(`${folders.data} holds something else than a PostgreSQL database`, {
    hint: `Move it away, or set ADSAPP_HOME to another folder than ${dirname(folders.data)}.`,
    exitCode: ExitCode.Failed,
  });
}
