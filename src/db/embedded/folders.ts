import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { ExitCode, UserError } from "../../errors.ts";

/** Where an embedded PostgreSQL lives and as whom it runs. */
export interface ClusterFolders {
  /** runtime and cluster; below `home`, or in /var/lib/adsapp where root's home is closed to the server's user */
  base: string;
  data: string;
  /** 0700; holds the private socket */
  socket: string;
  log: string;
  /** undefined: ourselves. PostgreSQL refuses to run as root */
  server: { uid: number; gid: number } | undefined;
}

/** sun_path holds 107 bytes on Linux and 103 on macOS */
const LONGEST_SOCKET = 100;
export const PORT = 5432;

export function socketFile(folders: ClusterFolders): string {
  return join(folders.socket, `.s.PGSQL.${PORT}`);
}

/** @throws UserError when we are root and there is no user to run the server as */
export function clusterFolders(home: string): ClusterFolders {
  const server = process.getuid?.() === 0 ? serverUser() : undefined;
  const wanted = resolve(home);
  const base = server === undefined || isReachable(wanted) ? wanted : join("/var/lib/adsapp", hashOf(wanted));
  const beside = join(base, "run");
  const fits = Buffer.byteLength(join(beside, `.s.PGSQL.${PORT}.lock`)) <= LONGEST_SOCKET;
  const socket = fits ? beside : join(tmpdir(), `adsapp-${process.getuid?.() ?? 0}-${hashOf(base)}`);
  return { base, data: join(base, "data"), socket, log: join(base, "log", "server.log"), server };
}

/** The user `postgres`, or else `nobody`: initdb wants one that /etc/passwd lists. */
function serverUser(): { uid: number; gid: number } {
  const users = readFileSync("/etc/passwd", "utf8").split("\n").map((line) => line.split(":"));
  const row = ["postgres", "nobody"].map((name) => users.find((user) => user[0] === name)).find((user) => user !== undefined);
  if (row === undefined) {
    throw new UserError('PostgreSQL does not run as root, and there is no user "postgres" or "nobody" to run it as', {
      hint: "Run adsapp as an ordinary user, or set DATABASE_URL.",
      exitCode: ExitCode.Failed,
    });
  }
  return { uid: Number(row[2]), gid: Number(row[3]) };
}

/** Can every user walk to this folder? Its parents that exist must let others through. */
function isReachable(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    if (existsSync(folder) && (statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 10);
}
