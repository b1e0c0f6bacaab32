import { writeFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { ExitCode, UserError } from "../../errors.ts";
import { type EmbeddedOptions, ensureCluster } from "./cluster.ts";
import type { ClusterFolders } from "./folders.ts";
import { holderOf, untilReleased } from "./hold.ts";
import { livePid, mendStaleLocks } from "./locks.ts";
import { folderFault, prepareFolders } from "./prepare.ts";
import { ensureRuntime } from "./runtime.ts";
import { isCutOff, lastWords, logSize, startServer } from "./server.ts";
import { connectionOf, isListening, madeMark } from "./socket.ts";
import { endServer, refuseForeign } from "./stop.ts";

const PATIENCE_MS = 30_000;

/** The cold path: programs, cluster, server, database; each step harmless when another process does it too. */
export async function bringUp(folders: ClusterFolders, options: EmbeddedOptions): Promise<void> {
  refuseForeign(folders);
  await untilReleased(folders);
  try {
    await prepareFolders(folders);
    const runtime = await ensureRuntime(folders);
    await ensureCluster(folders, runtime, options);
    await serve(folders, runtime);
  } catch (error) {
    throw folderFault(error, folders) ?? error;
  }
}

/**
 * Starts the server of a cluster that exists, and returns when the database `adsapp` takes connections.
 * @param byHolder the caller holds the data folder (hold.ts)
 */
export async function serve(folders: ClusterFolders, runtime: string, byHolder = false): Promise<void> {
  const start = {
    folders,
    runtime,
    byHolder,
    deadline: performance.now() + PATIENCE_MS,
    logFrom: logSize(folders),
    failures: 0,
  };
  do await untilListening(start);
  while (!(await isReady(start)));
}

interface Start {
  folders: ClusterFolders;
  runtime: string;
  /** whoever holds the data folder starts it for itself */
  byHolder: boolean;
  deadline: number;
  /** bytes of the log that are not about this start */
  logFrom: number;
  failures: number;
}

/** PostgreSQL's own lock file decides who serves; everybody else waits for the socket. */
async function untilListening(start: Start): Promise<void> {
  const { folders, runtime, byHolder } = start;
  const isHeld = () => !byHolder && holderOf(folders) !== undefined;
  while (!(await isListening(folders))) {
    if (isHeld()) await whenReleased(start);
    if (performance.now() > start.deadline) throw doesNotStart(start);
    if (livePid(folders) !== undefined) {
      if (isCutOff(folders)) await endServer(folders);
      await setTimeout(20);
      continue;
    }
    await mendStaleLocks(folders);
    if (await startServer(folders, runtime, start.deadline)) {
      if (!isHeld()) return;
      await endServer(folders); // somebody took hold of it between the look and the start
      continue;
    }
    if (livePid(folders) === undefined && !mayPass(start)) start.failures += 1;
    if (start.failures === 3) throw doesNotStart(start);
    await setTimeout(50);
  }
}

/** Waiting for a backup is not waiting for the server. */
async function whenReleased(start: Start): Promise<void> {
  await untilReleased(start.folders);
  start.deadline = performance.now() + PATIENCE_MS;
}

/** Another process held the lock and let go of it, or backends of a killed server are still ending. */
function mayPass(start: Start): boolean {
  return /lock file|still in use/.test(lastWords(start.folders, start.logFrom));
}

/** Can `adsapp` be connected to? Makes it if it is missing. @returns false when it is worth another look */
async function isReady(start: Start): Promise<boolean> {
  const fault = await faultOf(start.folders, "adsapp", "select 1");
  if (fault === undefined) {
    await writeFile(madeMark(start.folders), "", { flag: "wx" }).catch(() => {}); // without it: the cold path again
    return true;
  }
  if (performance.now() > start.deadline) throw stillStarting(start, fault);
  if (fault.code === "3D000") await makeDatabase(start.folders);
  else if (isPassing(fault)) await setTimeout(20);
  else throw fault;
  return false;
}

async function makeDatabase(folders: ClusterFolders): Promise<void> {
  const fault = await faultOf(folders, "postgres", "create database adsapp");
  const madeByAnother = fault?.code === "42P04" || fault?.code === "23505";
  if (fault !== undefined && !madeByAnother && !isPassing(fault)) throw fault;
}

type Fault = Error & { code?: string };

/** Connects and runs one statement. @returns what went wrong */
async function faultOf(folders: ClusterFolders, database: string, sql: string): Promise<Fault | undefined> {
  const client = new pg.Client({
    ...connectionOf(folders),
    database,
    ssl: false,
    connectionTimeoutMillis: PATIENCE_MS,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query(sql);
    return undefined;
  } catch (error) {
    return error as Fault;
  } finally {
    await client.end().catch(() => {});
  }
}

/** Starting up, shutting down, gone again, or full (its own last places are for root's of its kind). */
function isPassing(fault: Fault): boolean {
  const codes = [
    "57P01",
    "57P02",
    "57P03",
    "53300",
    "55006",
    "ECONNREFUSED",
    "ENOENT",
    "ECONNRESET",
    "EPIPE",
  ];
  return codes.includes(fault.code ?? "") || /Connection terminated/.test(fault.message);
}

function doesNotStart(start: Start): UserError {
  const words = lastWords(start.folders, start.logFrom) || "it says nothing";
  return new UserError(`the embedded PostgreSQL does not start: ${words}`, {
    hint: `Its log is ${start.folders.log}`,
    exitCode: ExitCode.Failed,
  });
}

function stillStarting(start: Start, cause: Fault): UserError {
  return new UserError(`the embedded PostgreSQL takes long to start: ${cause.message}`, {
    hint: `Try again in a minute. Its log is ${start.folders.log}`,
    exitCode: ExitCode.TryAgain,
    cause,
  });
}
