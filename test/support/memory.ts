import { existsSync, statfsSync, statSync } from "node:fs";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { asAdmin } from "./admin.ts";
import type { RunningCluster } from "./cluster.ts";

/** Linux' file system in memory. */
export const MEMORY = "/dev/shm";

/** The databases of a run's four files at once need some hundred megabytes. */
const ENOUGH_BYTES = 2 ** 31;

/**
 * Has the cluster keep the files of databases that are made from now on in memory, where the machine has enough for that:
 * each test file's copy has 600 of them, and on ext4, which goes round inodes that were just freed, making them takes ten
 * times as long as copying what is in them.
 */
export async function keptInMemory(running: RunningCluster): Promise<RunningCluster> {
  if (!hasRoom()) return running;
  const folder = await mkdtemp(join(MEMORY, `adsapp-test-${process.pid}-`));
  const stop = async () => {
    await running.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const server = statSync(running.cluster.host); // the socket's folder is its own
    await chown(folder, server.uid, server.gid);
    await asAdmin(running.cluster, [
      `create tablespace in_memory location '${folder}'`,
      "alter database template1 set tablespace in_memory",
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { cluster: running.cluster, stop };
}

function hasRoom(): boolean {
  if (!existsSync(MEMORY)) return false;
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize >= ENOUGH_BYTES;
}
