import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { appendFile, chmod, chown, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ExitCode, UserError } from "../../errors.ts";
import type { ClusterFolders } from "./folders.ts";
import { publish } from "./runtime.ts";

export interface EmbeddedOptions {
  /** false: tests, which may lose their data with the machine */
  fsync?: boolean;
  /** lines of postgresql.conf, at creation */
  settings?: Record<string, string>;
}

const SETTINGS: Record<string, string> = {
  listen_addresses: "''",
  max_connections: "60",
  shared_buffers: "64MB",
  io_method: "sync",
  dynamic_shared_memory_type: "mmap",
  jit: "off",
  random_page_cost: "1.1",
  max_wal_size: "1GB",
  checkpoint_timeout: "15min",
  wal_level: "minimal",
  max_wal_senders: "0",
  max_replication_slots: "0",
  log_destination: "stderr",
  timezone: "'UTC'",
};

/** Folders with the owner and mode that the server wants. */
export async function prepareFolders(folders: ClusterFolders): Promise<void> {
  await mkdir(folders.base, { recursive: true, mode: 0o755 });
  for (const folder of [folders.socket, dirname(folders.log)]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (folders.server === undefined) continue;
    await chmod(folders.base, 0o755);
    await chown(folder, folders.server.uid, folders.server.gid);
  }
}

/** Makes the data folder if there is none: built beside its place, so that a kill half-way leaves nothing behind. */
export async function ensureCluster(folders: ClusterFolders, runtime: string, options: EmbeddedOptions): Promise<void> {
  if (!existsSync(join(folders.data, "PG_VERSION"))) await publish(folders.data, (draft) => initialise(folders, runtime, draft, options));
  const made = readFileSync(join(folders.data, "PG_VERSION"), "utf8").trim();
  const ours = /pg-(\d+)/.exec(runtime)?.[1];
  if (ours !== undefined && made !== ours) {
    throw new UserError(`the embedded database was made by PostgreSQL ${made}; this adsapp brings ${ours}`, {
      hint: `Install the adsapp that made it, or move ${folders.data} away to begin anew.`,
      exitCode: ExitCode.Failed,
    });
  }
}

async function initialise(folders: ClusterFolders, runtime: string, draft: string, options: EmbeddedOptions): Promise<void> {
  await mkdir(draft, { mode: 0o700 });
  if (folders.server !== undefined) await chown(draft, folders.server.uid, folders.server.gid);
  const sync = options.fsync === false ? ["--no-sync"] : [];
  const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  const made = await runProgram(folders, runtime, "initdb", ["-D", draft, "-U", "adsapp", "-A", "trust", ...locale, ...sync]);
  if (made.code !== 0) throw new UserError(`the embedded database could not be made: ${made.output.trim().split("\n").at(-1)}`, { exitCode: ExitCode.Failed });
  const unsafe: Record<string, string> = options.fsync === false ? { fsync: "off", synchronous_commit: "off", full_page_writes: "off" } : {};
  const settings = { ...SETTINGS, ...unsafe, ...options.settings };
  await appendFile(join(draft, "postgresql.conf"), `\n${Object.entries(settings).map(([name, value]) => `${name} = ${value}`).join("\n")}\n`);
}

/** Asks pg_ctl to start; whether it did is seen at the socket. In a session of its own, so that Ctrl-C spares it. */
export async function startServer(folders: ClusterFolders, runtime: string): Promise<void> {
  const socket = folders.socket.replaceAll("'", "'\\''");
  await runProgram(folders, runtime, "pg_ctl", ["start", "-W", "-s", "-D", folders.data, "-l", folders.log, "-o", `-k '${socket}'`]);
}

export async function stopServer(folders: ClusterFolders, runtime: string): Promise<void> {
  await runProgram(folders, runtime, "pg_ctl", ["stop", "-w", "-s", "-m", "fast", "-D", folders.data]);
}

/** Runs one of PostgreSQL's programs as the server's user, apart from our process group. */
function runProgram(folders: ClusterFolders, runtime: string, program: string, args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(runtime, "bin", program), args, {
      ...folders.server,
      cwd: "/",
      detached: true,
      env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => { output += chunk.toString(); });
    child.once("error", reject);
    child.once("exit", (code) => {
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ code: code ?? 1, output });
    });
  });
}

