import { chmod, chown, lstat, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { ExitCode, UserError } from "../../errors.ts";
import type { ClusterFolders } from "./folders.ts";
import { isPrivate } from "./socket.ts";

/** Folders with the owner and mode that the server wants. */
export async function prepareFolders(folders: ClusterFolders): Promise<void> {
  const { base, socket, server } = folders;
  const made = await mkdir(base, { recursive: true });
  if (server !== undefined && made !== undefined) await openUpTo(made, base);
  await mkdir(socket, { mode: 0o700 }).catch(passIfThere);
  if (server !== undefined && (await isRoots(socket))) await chown(socket, server.uid, server.gid);
  if (!isPrivate(folders)) throw notPrivate(folders);
}

/** A full or read-only disk, or a folder that is not ours. */
export function folderFault(error: unknown, folders: ClusterFolders): UserError | undefined {
  const { code, path } = error as NodeJS.ErrnoException;
  if (!["EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT", "ENOTDIR", "ELOOP"].includes(code ?? ""))
    return undefined;
  return new UserError(`the embedded PostgreSQL cannot write to ${path ?? folders.base} (${code})`, {
    hint: "Make room or give adsapp the folder, set ADSAPP_HOME to another one, or set DATABASE_URL.",
    exitCode: ExitCode.Failed,
    cause: error,
  });
}

/** Root's umask may have closed what was just made; the server's user must get through. */
async function openUpTo(first: string, last: string): Promise<void> {
  for (let folder = last; ; folder = dirname(folder)) {
    await chmod(folder, 0o755);
    if (folder === first || folder === dirname(folder)) return;
  }
}

/** Just made, by us or by another process of root's. */
async function isRoots(folder: string): Promise<boolean> {
  const found = await lstat(folder);
  return found.isDirectory() && found.uid === 0;
}

function passIfThere(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}

function notPrivate(folders: ClusterFolders): UserError {
  return new UserError(
    `${folders.socket} is not the server's own closed folder, so its socket cannot be there`,
    {
      hint: "Remove that folder, or set ADSAPP_HOME to another one.",
      exitCode: ExitCode.Failed,
    },
  );
}
