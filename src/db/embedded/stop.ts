import { rm } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { ExitCode, UserError } from "../../errors.ts";
import { removeInOneStep } from "./drafts.ts";
import { type ClusterFolders, ownerOf } from "./folders.ts";
import { untilReleased } from "./hold.ts";
import { livePid } from "./locks.ts";
import { isPrivate } from "./socket.ts";

const PATIENCE_MS = 30_000;

/** @returns false when it was not running */
export async function bringDown(folders: ClusterFolders): Promise<boolean> {
  refuseForeign(folders);
  if (livePid(folders) === undefined) return false;
  await endServer(folders);
  return true;
}

/** Stops the server and removes the data; one that another process starts meanwhile is stopped too. */
export async function removeCluster(folders: ClusterFolders): Promise<void> {
  await untilReleased(folders);
  await bringDown(folders);
  await removeInOneStep(folders.data, async (moved) => {
    await endServer({ ...folders, data: moved });
  });
  if (isPrivate(folders)) await rm(folders.socket, { recursive: true });
}

/**
 * A "fast" shutdown: sessions are ended, what was committed is kept. Returns when the server is gone.
 * @throws UserError when it has not ended after half a minute
 */
export async function endServer(folders: ClusterFolders): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  const pid = livePid(folders);
  if (pid === undefined) return;
  process.kill(pid, "SIGINT");
  while (livePid(folders) === pid) {
    if (performance.now() > deadline) throw doesNotStop(pid, folders);
    await setTimeout(10);
  }
}

/** @throws UserError when an ordinary user meets another user's database */
export function refuseForeign(folders: ClusterFolders): void {
  const owner = ownerOf(folders.data);
  if (folders.server !== undefined || owner === undefined || owner.uid === process.getuid?.()) return;
  throw new UserError(`the embedded database in ${folders.base} belongs to another user`, {
    hint: "Run adsapp as that user or as root, or set ADSAPP_HOME or DATABASE_URL.",
    exitCode: ExitCode.Failed,
  });
}

function doesNotStop(pid: number, folders: ClusterFolders): UserError {
  return new UserError(`the embedded PostgreSQL (process ${pid}) has not stopped yet`, {
    hint: `Try again in a minute. Its log is ${folders.log}`,
    exitCode: ExitCode.TryAgain,
  });
}
