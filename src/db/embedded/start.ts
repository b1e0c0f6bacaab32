import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { ExitCode, UserError } from "../../errors.ts";
import { type EmbeddedOptions, ensureCluster, prepareFolders, startServer, stopServer } from "./cluster.ts";
import type { ClusterFolders } from "./folders.ts";
import { connectionOf, isListening } from "./index.ts";
import { lockFiles, lockState, mendStaleLocks } from "./locks.ts";
import { ensureRuntime } from "./runtime.ts";

const PATIENCE_MS = 60_000;

/** The cold path: programs, cluster, server, database; each step harmless when another process does it too. */
export async function bringUp(folders: ClusterFolders, options: EmbeddedOptions): Promise<void> {
  await prepareFolders(folders);
  const runtime = await ensureRuntime(folders);
  await ensureCluster(folders, runtime, options);
  await untilListening(folders, runtime);
  await ensureDatabase(folders);
}

export async function bringDown(folders: ClusterFolders): Promise<boolean> {
  const [postmaster] = lockFiles(folders);
  if (lockState(postmaster, folders.data) !== "live") return false;
  await stopServer(folders, installedRuntime(folders));
  return true;
}

/** PostgreSQL's own lock file decides who starts it; the others wait for the socket. */
async function untilListening(folders: ClusterFolders, runtime: string): Promise<void> {
  const [postmaster] = lockFiles(folders);
  const end = performance.now() + PATIENCE_MS;
  while (!(await isListening(folders))) {
    if (performance.now() > end) throw doesNotStart(folders);
    await mendStaleLocks(folders);
    if (lockState(postmaster, folders.data) === "live") await moment();
    else {
      await startServer(folders, runtime);
      await moment();
      if (lockState(postmaster, folders.data) === "free" && !(await isListening(folders)) && hasGivenUp(folders)) throw doesNotStart(folders);
    }
  }
}

/** The database `adsapp`, made once; also waits until the server takes connections. */
async function ensureDatabase(folders: ClusterFolders): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const client = new pg.Client({ ...connectionOf(folders), database: "postgres" });
    client.on("error", () => {});
    try {
      await client.connect();
      const { rowCount } = await client.query("select from pg_database where datname = 'adsapp'");
      if (rowCount === 0) await client.query("create database adsapp");
      return;
    } catch (error) {
      const { code = "" } = error as { code?: string };
      if (code === "42P04" || code === "23505") return; // another process made it
      if (!["57P03", "ECONNREFUSED", "ENOENT", "ECONNRESET"].includes(code) || performance.now() > end) throw error;
      await moment();
    } finally {
      await client.end().catch(() => {});
    }
  }
}

/** The server wrote why it cannot run. */
function hasGivenUp(folders: ClusterFolders): boolean {
  return /FATAL/.test(lastLines(folders.log));
}

function doesNotStart(folders: ClusterFolders): UserError {
  const last = lastLines(folders.log).split("\n").filter((line) => /FATAL|ERROR|PANIC/.test(line)).at(-1) ?? "no word of it in the log";
  return new UserError(`the embedded PostgreSQL does not start: ${last}`, { hint: `Its log: ${folders.log}`, exitCode: ExitCode.TryAgain });
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, "utf8").slice(-4000);
  } catch {
    return "";
  }
}

function installedRuntime(folders: ClusterFolders): string {
  const names = existsSync(folders.base) ? readdirSync(folders.base) : [];
  const name = names.filter((entry) => /^pg-\d/.test(entry) && !entry.includes(".tmp-")).sort().at(-1);
  if (name === undefined) throw new UserError("there is no embedded PostgreSQL here", { exitCode: ExitCode.Failed });
  return join(folders.base, name);
}

function moment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 25));
}
