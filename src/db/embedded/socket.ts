import { existsSync, lstatSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { type ClusterFolders, PORT, socketFile } from "./folders.ts";

/** How to reach the embedded PostgreSQL: a private socket, no TCP port. */
export interface EmbeddedConnection {
  /** the socket's folder */
  host: string;
  port: number;
  user: "adsapp";
  database: "adsapp";
}

export function connectionOf(folders: ClusterFolders): EmbeddedConnection {
  return { host: folders.socket, port: PORT, user: "adsapp", database: "adsapp" };
}

/** Is there a server that has started up, with the database in it? One connect and two looks at the data folder. */
export async function isServing(folders: ClusterFolders): Promise<boolean> {
  return serverState(folders) === "ready" && existsSync(madeMark(folders)) && (await isListening(folders));
}

/** Is somebody there who takes connections? It may still be starting up (57P03). */
export async function isListening(folders: ClusterFolders): Promise<boolean> {
  if (!isPrivate(folders)) return false;
  return new Promise((resolve) => {
    const probe = connect({ path: socketFile(folders) });
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
}

/** The socket's folder is the server user's own and closed to others; below /tmp anybody could have put one there. */
export function isPrivate(folders: ClusterFolders): boolean {
  try {
    const found = lstatSync(folders.socket);
    const owner = folders.server?.uid ?? process.getuid?.();
    return found.isDirectory() && found.uid === owner && (found.mode & 0o077) === 0;
  } catch {
    return false;
  }
}

/** What a server last wrote about itself; undefined: there is none, or we may not look. It may have been killed since. */
export function serverState(folders: ClusterFolders): "starting" | "ready" | "stopping" | undefined {
  try {
    const lock = readFileSync(join(folders.data, "postmaster.pid"), "utf8");
    return /(starting|ready|stopping) *\n?$/.exec(lock)?.[1] as ReturnType<typeof serverState>;
  } catch {
    return undefined;
  }
}

/** A file that says: the database `adsapp` has been made. */
export function madeMark(folders: ClusterFolders): string {
  return join(folders.data, "adsapp.made");
}
