import { type ChildProcess, spawn } from "node:child_process";
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { ExitCode, UserError } from "../../errors.ts";
import { type ClusterFolders, socketFile } from "./folders.ts";
import { isListening, serverState } from "./socket.ts";

const LARGEST_LOG = 10_000_000;

/**
 * Starts the server as its user and in a session of its own, so that neither the end of this process nor Ctrl-C ends it.
 * Without pg_ctl, which puts paths into a shell command.
 * @returns true once something listens at the socket; false when the server has ended instead, or at the deadline
 * @throws UserError when the program cannot run here
 */
export async function startServer(
  folders: ClusterFolders,
  runtime: string,
  deadline: number,
): Promise<boolean> {
  const program = join(runtime, "bin", "postgres");
  const socket = `"${folders.socket.replaceAll('"', '""')}"`; // a list of folders, for PostgreSQL
  const log = openLog(folders);
  const server = spawn(program, ["-D", folders.data, "-c", `unix_socket_directories=${socket}`], {
    ...asServer(folders),
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  let fault: Error | undefined;
  server.once("error", (error) => {
    fault = error;
  });
  server.unref();
  while (!(await isListening(folders))) {
    if (fault !== undefined) throw cannotRun(program, fault);
    if (hasEnded(server) || performance.now() > deadline) return false;
    await setTimeout(10);
  }
  return true;
}

/** How PostgreSQL's programs run: as the server's user, in a known world. */
export function asServer(folders: ClusterFolders) {
  return { ...folders.server, cwd: "/", env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" } };
}

export function cannotRun(program: string, cause: unknown): UserError {
  return new UserError(`${program} does not run here (${(cause as NodeJS.ErrnoException).code})`, {
    hint: "The server's user must be able to reach and execute it, and it needs glibc. Or set DATABASE_URL.",
    exitCode: ExitCode.Failed,
    cause,
  });
}

/** It is ready, and its socket is gone: deleted, or the folder has moved and now wants it elsewhere. */
export function isCutOff(folders: ClusterFolders): boolean {
  return serverState(folders) === "ready" && !existsSync(socketFile(folders));
}

export function logSize(folders: ClusterFolders): number {
  return statSync(folders.log, { throwIfNoEntry: false })?.size ?? 0;
}

/** Why the server does not run, in its own words: the last fatal line since `from` (bytes), or the last of any kind. */
export function lastWords(folders: ClusterFolders, from: number): string {
  const log = Buffer.from(textOf(folders.log));
  const lines = log
    .subarray(from > log.length ? 0 : from)
    .toString()
    .trim()
    .split("\n");
  const fatal = lines.filter((line) => /FATAL|PANIC/.test(line) && !/the database system is/.test(line));
  return (fatal.at(-1) ?? lines.at(-1) ?? "").trim();
}

/** Opened by us for it to write to: root must not follow a link that the server's user may have put there. */
function openLog(folders: ClusterFolders): number {
  if (logSize(folders) > LARGEST_LOG) {
    copyFileSync(folders.log, `${folders.log}.1`);
    truncateSync(folders.log); // not renamed: it keeps its owner
  }
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
  return openSync(folders.log, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
}

function hasEnded(server: ChildProcess): boolean {
  return server.exitCode !== null || server.signalCode !== null;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
