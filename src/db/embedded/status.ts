import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ClusterFolders } from "./folders.ts";
import { livePid } from "./locks.ts";
import { isListening } from "./socket.ts";
import { refuseForeign } from "./stop.ts";

export interface EmbeddedStatus {
  running: boolean;
  pid: number | null;
  /** PostgreSQL's major version that made the data; null: there is none yet */
  version: string | null;
  dataFolder: string;
  socketFolder: string;
  logFile: string;
  /** of the data folder; null: there is none yet */
  sizeBytes: number | null;
}

export async function describeCluster(folders: ClusterFolders): Promise<EmbeddedStatus> {
  refuseForeign(folders);
  const running = await isListening(folders);
  const version = await readFile(join(folders.data, "PG_VERSION"), "utf8").catch(() => null);
  return {
    running,
    pid: running ? (livePid(folders) ?? null) : null,
    version: version?.trim() ?? null,
    dataFolder: folders.data,
    socketFolder: folders.socket,
    logFile: folders.log,
    sizeBytes: version === null ? null : await sizeOf(folders.data),
  };
}

/** The server makes and removes files while we look: what is gone counts nothing. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return sizeOf(path);
      return (await stat(path).catch(() => undefined))?.size ?? 0;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
