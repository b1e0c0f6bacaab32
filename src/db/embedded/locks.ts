import { readFileSync } from "node:fs";
import { chown, mkdir, readFile, rename, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ClusterFolders, socketFile } from "./folders.ts";

/** free: no file, or its process is gone · stale: a zombie, or another program that got the pid · live: our server */
export type LockState = "free" | "stale" | "live";

export function lockFiles(folders: ClusterFolders): [postmaster: string, socket: string] {
  return [join(folders.data, "postmaster.pid"), `${socketFile(folders)}.lock`];
}

export function lockPid(file: string): number | undefined {
  try {
    const pid = Math.abs(Number(readFileSync(file, "utf8").split("\n")[0]));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

export function lockState(file: string, dataFolder: string): LockState {
  const pid = lockPid(file);
  if (pid === undefined || !isAlive(pid)) return "free";
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    if (stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z")) return "stale";
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(dataFolder) ? "live" : "stale";
  } catch {
    return "live"; // no /proc here: PostgreSQL decides
  }
}

/**
 * Makes stale locks harmless. The file stays (its shared-memory id still guards against orphaned backends); only the
 * pid is replaced, by one that cannot exist.
 */
export async function mendStaleLocks(folders: ClusterFolders): Promise<void> {
  for (const file of lockFiles(folders)) {
    if (lockState(file, folders.data) !== "stale") continue;
    const guard = `${file}.mending`;
    if ((await mkdir(guard).catch(() => "taken")) === "taken") continue;
    try {
      const [, ...rest] = (await readFile(file, "utf8")).split("\n");
      await writeFile(`${file}.new`, ["999999999", ...rest].join("\n"), { mode: 0o600 });
      if (folders.server !== undefined) await chown(`${file}.new`, folders.server.uid, folders.server.gid);
      await rename(`${file}.new`, file);
    } finally {
      await rmdir(guard);
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
