import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { mkdir, open, readFile, rename, rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type ClusterFolders, socketFile } from "./folders.ts";

/** free: no file, or its process is gone · stale: a zombie, or another program that got the pid · live: our server */
export type LockState = "free" | "stale" | "live";

/** The two files by which PostgreSQL itself decides who may serve a data folder and a socket. */
export function lockFiles(folders: ClusterFolders): [postmaster: string, socket: string] {
  return [join(folders.data, "postmaster.pid"), `${socketFile(folders)}.lock`];
}

/** The server's process, when one serves these folders. */
export function livePid(folders: ClusterFolders): number | undefined {
  const [postmaster] = lockFiles(folders);
  return lockState(postmaster, folders.data) === "live" ? lockPid(postmaster) : undefined;
}

export function lockState(file: string, dataFolder: string): LockState {
  const pid = lockPid(file);
  if (pid === undefined || !isAlive(pid)) return "free";
  return serves(pid, dataFolder) ? "live" : "stale";
}

/**
 * Makes stale locks harmless. The file stays (its shared-memory key still guards against orphaned backends); only the
 * pid is replaced, by one that cannot exist.
 */
export async function mendStaleLocks(folders: ClusterFolders): Promise<void> {
  for (const file of lockFiles(folders)) {
    if (lockState(file, folders.data) !== "stale") continue;
    await aloneWith(file, async () => {
      // another process may have mended it meanwhile, and a server have started: its lock must stay as it is
      if (lockState(file, folders.data) === "stale") await replacePid(file, folders);
    });
  }
}

/** Is there a process of this pid, ours or another user's? */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function lockPid(file: string): number | undefined {
  try {
    const pid = Math.abs(Number(readFileSync(file, "utf8").split("\n")[0]));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Is this process the server of the data folder? A server works in it, and was started with its path. */
function serves(pid: number, dataFolder: string): boolean {
  if (!existsSync("/proc/self/stat")) return servesByPs(pid, dataFolder);
  try {
    const status = readFileSync(`/proc/${pid}/stat`, "utf8");
    if (status.slice(status.lastIndexOf(")") + 2).startsWith("Z")) return false;
    return (
      worksIn(pid, dataFolder) ??
      readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(dataFolder)
    );
  } catch {
    return false; // ended meanwhile
  }
}

/** Undefined when we may not see it, as root in a container may not without CAP_SYS_PTRACE. */
function worksIn(pid: number, folder: string): boolean | undefined {
  try {
    const [own, wanted] = [statSync(`/proc/${pid}/cwd`), statSync(folder)];
    return own.ino === wanted.ino && own.dev === wanted.dev;
  } catch {
    return undefined;
  }
}

/** macOS has no /proc. */
function servesByPs(pid: number, dataFolder: string): boolean {
  try {
    const line = execFileSync("ps", ["-ww", "-o", "state=,command=", "-p", String(pid)], {
      encoding: "utf8",
    });
    return !line.trimStart().startsWith("Z") && line.includes(` ${dataFolder} `);
  } catch {
    return true; // nothing to ask: PostgreSQL itself decides
  }
}

const LONGEST_MENDING_MS = 10_000;

/** Does it unless another process is at it; one that was killed at it is not waited for. */
export async function aloneWith(file: string, mend: () => Promise<void>): Promise<void> {
  const guard = `${file}.mending`;
  const since = (await stat(guard).catch(() => undefined))?.mtimeMs;
  if (since !== undefined && Math.abs(Date.now() - since) > LONGEST_MENDING_MS)
    await rmdir(guard).catch(() => {});
  if ((await mkdir(guard).catch(() => "taken")) === "taken") return;
  try {
    await mend();
  } finally {
    await rmdir(guard).catch(() => {});
  }
}

async function replacePid(file: string, folders: ClusterFolders): Promise<void> {
  const [, ...rest] = (await readFile(file, "utf8")).split("\n");
  const mended = `${file}.mended`;
  await rm(mended, { force: true });
  const handle = await open(mended, "wx", 0o600); // new: root follows no link in the server user's folder
  await handle.writeFile(["999999999", ...rest].join("\n"));
  if (folders.server !== undefined) await handle.chown(folders.server.uid, folders.server.gid);
  await handle.close();
  await rename(mended, file);
}
