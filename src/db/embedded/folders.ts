import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ExitCode, UserError } from "../../errors.ts";

export interface ServerUser {
  uid: number;
  gid: number;
}

/** Where an embedded PostgreSQL lives and as whom it runs. */
export interface ClusterFolders {
  /** holds programs, cluster, socket and log */
  base: string;
  data: string;
  /** 0700, the server user's own; holds the private socket */
  socket: string;
  log: string;
  /** undefined: ourselves. PostgreSQL refuses to run as root */
  server: ServerUser | undefined;
}

export const PORT = 5432;

/** sun_path holds 107 bytes on Linux and 103 on macOS; the longest name is that of the socket's lock */
const LONGEST_SOCKET = 100;
const ROOTS_OWN = "/var/lib/adsapp";

/**
 * The folders of the embedded PostgreSQL of a state folder; makes none of them.
 *
 * They are below `home`. Only root's may be elsewhere: the server then runs as another user (who must be able to walk to
 * it), so where `home` or a folder above it is closed to others, they are in `/var/lib/adsapp/<hash of home>`. A cluster
 * that exists stays where it is and keeps its owner, whatever is opened, closed or installed later.
 * The socket is in `<base>/run`, or below /tmp where that path is too long for a socket (not in TMPDIR, which cron and a
 * terminal set differently).
 * @throws UserError when we are root and there is no user to run the server as
 */
export function clusterFolders(home: string): ClusterFolders {
  const asRoot = process.getuid?.() === 0;
  const base = asRoot ? baseForRoot(resolve(home)) : resolve(home);
  const data = join(base, "data");
  const server = asRoot ? (ownerOf(data) ?? serverUser(readFileSync("/etc/passwd", "utf8"))) : undefined;
  const socket = socketFolder(base, server?.uid ?? process.getuid?.() ?? 0);
  return { base, data, socket, log: join(base, "server.log"), server };
}

export function socketFile(folders: ClusterFolders): string {
  return join(folders.socket, `.s.PGSQL.${PORT}`);
}

/**
 * The user `postgres`, or else `nobody`.
 * @param passwd the text of /etc/passwd: initdb wants a user that it lists
 * @throws UserError when it lists neither
 */
export function serverUser(passwd: string): ServerUser {
  const users = passwd.split("\n").map((line) => line.split(":"));
  for (const name of ["postgres", "nobody"]) {
    const row = users.find((user) => user[0] === name);
    if (row !== undefined) return { uid: Number(row[2]), gid: Number(row[3]) };
  }
  throw new UserError(
    'PostgreSQL does not run as root, and there is no user "postgres" or "nobody" to run it as',
    {
      hint: "Run adsapp as an ordinary user, make one of the two (useradd --system postgres), or set DATABASE_URL.",
      exitCode: ExitCode.Failed,
    },
  );
}

/** Whose it is; undefined when there is none, when we may not look, or when it is root's, as whom no server runs. */
export function ownerOf(folder: string): ServerUser | undefined {
  try {
    const { uid, gid } = statSync(folder);
    return uid === 0 ? undefined : { uid, gid };
  } catch {
    return undefined;
  }
}

function baseForRoot(home: string): string {
  if (holdsCluster(home)) return home;
  const apart = join(ROOTS_OWN, hashOf(home));
  return holdsCluster(apart) || !isOpen(home) ? apart : home;
}

function holdsCluster(base: string): boolean {
  return existsSync(join(base, "data", "PG_VERSION"));
}

/** Can every user walk to this folder? What is still to be made of it will be made open. */
function isOpen(path: string): boolean {
  let folder = path;
  while (!existsSync(folder)) folder = dirname(folder);
  for (folder = realpathSync(folder); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

function socketFolder(base: string, serverUid: number): string {
  const beside = join(base, "run");
  const fits = Buffer.byteLength(join(beside, `.s.PGSQL.${PORT}.lock`)) <= LONGEST_SOCKET;
  return fits ? beside : `/tmp/adsapp-${serverUid}-${hashOf(base)}`;
}

/** Loading node:crypto takes longer than all else here, and most homes need no hash. */
function hashOf(text: string): string {
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash("sha256").update(text).digest("hex").slice(0, 10);
}
