import type { Backup, Telling } from "./backup.ts";
import type { EmbeddedOptions } from "./cluster.ts";
import { clusterFolders } from "./folders.ts";
import type { Restored } from "./restore.ts";
import { connectionOf, type EmbeddedConnection, isServing } from "./socket.ts";
import type { EmbeddedStatus } from "./status.ts";

export type { EmbeddedConnection, EmbeddedOptions, EmbeddedStatus };

/**
 * The embedded PostgreSQL of a state folder, started if it does not run (made at first: about two seconds; started: a
 * fifth of one; running: one connect). Any number of processes may call this at once; the server outlives them all.
 * On return the database `adsapp` takes connections.
 * @param home $ADSAPP_HOME; clusterFolders (folders.ts) says where in it, or where instead
 * @throws UserError when npm has no PostgreSQL for this machine, another major version or another user made the data,
 *   or the server does not start
 */
export async function ensureEmbedded(
  home: string,
  options: EmbeddedOptions = {},
): Promise<EmbeddedConnection> {
  const folders = clusterFolders(home);
  if (!(await isServing(folders))) {
    const { bringUp } = await import("./start.ts");
    await bringUp(folders, options);
  }
  return connectionOf(folders);
}

/**
 * Stops the server: open transactions are rolled back, what was committed is kept.
 * @returns false when it was not running
 * @throws UserError when it is another user's, or has not ended after half a minute
 */
export async function stopEmbedded(home: string): Promise<boolean> {
  const { bringDown } = await import("./stop.ts");
  return bringDown(clusterFolders(home));
}

/** Stops the server and removes its data; the programs and the log stay. */
export async function resetEmbedded(home: string): Promise<void> {
  const { removeCluster } = await import("./stop.ts");
  await removeCluster(clusterFolders(home));
}

/** Stops it, copies its data to a new file or folder, and starts it again (backup.ts). */
export async function backUpEmbedded(home: string, target: string, telling: Telling): Promise<Backup> {
  const { backUp } = await import("./backup.ts");
  return backUp(clusterFolders(home), target, telling);
}

/** @throws UserError when that is no backup at all: asked before a person is */
export async function requireBackup(source: string): Promise<void> {
  const { refuseNoBackup } = await import("./restore.ts");
  refuseNoBackup(source);
}

/** Puts such a copy in the place of its data, which are kept aside (restore.ts). */
export async function restoreEmbedded(home: string, source: string, telling: Telling): Promise<Restored> {
  const { restore } = await import("./restore.ts");
  return restore(clusterFolders(home), source, telling);
}

/** How to reach it if it runs; starts nothing. */
export async function runningEmbedded(home: string): Promise<EmbeddedConnection | undefined> {
  const folders = clusterFolders(home);
  return (await isServing(folders)) ? connectionOf(folders) : undefined;
}

/** Starts nothing and makes nothing. */
export async function embeddedStatus(home: string): Promise<EmbeddedStatus> {
  const { describeCluster } = await import("./status.ts");
  return describeCluster(clusterFolders(home));
}

/** As node-postgres and libpq read it; a PGSSLMODE that is meant for another server must not reach a socket. */
export function embeddedUrl(connection: EmbeddedConnection): string {
  const { user, database, host, port } = connection;
  return `postgresql://${user}@localhost/${database}?host=${encodeURIComponent(host)}&port=${port}&sslmode=disable`;
}
