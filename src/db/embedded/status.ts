import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ClusterFolders } from "./folders.ts";
import type { EmbeddedStatus } from "./index.ts";
import { lockFiles, lockPid } from "./locks.ts";

export async function describe(folders: ClusterFolders, running: boolean): Promise<EmbeddedStatus> {
  const [postmaster] = lockFiles(folders);
  const version = await readFile(join(folders.data, "PG_VERSION"), "utf8").catch(() => null);
  return {
    running,
    pid: running ? (lockPid(postmaster) ?? null) : null,
    version: version?.trim() ?? null,
    dataFolder: folders.data,
    socketFolder: folders.socket,
    logFile: folders.log,
    sizeBytes: version === null ? null : await sizeOf(folders.data),
  };
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const sizes = await Promise.all(
    entries.filter((entry) => entry.isFile()).map((entry) => stat(join(entry.parentPath, entry.name)).then((s) => s.size, () => 0)),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
