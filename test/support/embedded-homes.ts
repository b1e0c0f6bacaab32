import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { clusterFolders } from "../../src/db/embedded/folders.ts";
import { embeddedUrl, ensureEmbedded, stopEmbedded } from "../../src/db/embedded/index.ts";
import { livePid } from "../../src/db/embedded/locks.ts";
import { packageRoot } from "../../src/root.ts";

const made: string[] = [];
const homes: string[] = [];

/** A state folder that does not exist yet, below a fresh folder that everybody may enter. */
export async function newHome(name = "home"): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "adsapp-eh-"));
  await chmod(folder, 0o755);
  const home = join(folder, name);
  made.push(folder);
  homes.push(home);
  return home;
}

/** Stops every server of these homes and removes them: for afterAll. */
export async function removeHomes(): Promise<void> {
  for (const home of homes.splice(0)) {
    const { base, socket } = clusterFolders(home);
    await stopEmbedded(home);
    for (const folder of [base, socket]) await rm(folder, { recursive: true, force: true });
  }
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true });
}

/** Brings it up, as ensureEmbedded does, and asks it by its URL, as every command does. */
export async function ask(home: string, sql: string): Promise<unknown> {
  const client = new pg.Client({
    connectionString: embeddedUrl(await ensureEmbedded(home, { fsync: false })),
  });
  await client.connect();
  try {
    const { rows } = await client.query({ text: sql, rowMode: "array" });
    return (rows as unknown[][])[0]?.[0];
  } finally {
    await client.end();
  }
}

/** The server's pid; fails when none runs. */
export function serverPid(home: string): number {
  const pid = livePid(clusterFolders(home));
  if (pid === undefined) throw new Error(`no server runs for ${home}`);
  return pid;
}

/** Kills the server as the kernel does when memory is short; returns when it is gone. */
export async function killServer(home: string): Promise<void> {
  process.kill(serverPid(home), "SIGKILL");
  await until(() => livePid(clusterFolders(home)) === undefined);
}

/** Another process that brings up the same home (embedded-starter.ts), in a process group of its own. */
export function startStarter(home: string): { child: ChildProcess; word: Promise<string> } {
  const script = join(packageRoot(), "test", "support", "embedded-starter.ts");
  const child = spawn(process.execPath, ["--import", "tsx", script, home], {
    detached: true,
    cwd: packageRoot(),
    stdio: ["pipe", "pipe", "inherit"],
  });
  return { child, word: text(child.stdout).then((words) => words.trim()) };
}

/** Waits for what another process is about to do. */
export async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error("waited for 20 seconds");
    await setTimeout(5);
  }
}
