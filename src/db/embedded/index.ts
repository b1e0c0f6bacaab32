import { connect } from "node:net";
import { type ClusterFolders, clusterFolders, PORT, socketFile } from "./folders.ts";
import type { EmbeddedOptions } from "./cluster.ts";

/** How to reach the embedded PostgreSQL: a private socket, no TCP port. */
export interface EmbeddedConnection {
  /** the socket's folder */
  host: string;
  port: number;
  user: "adsapp";
  database: "adsapp";
}

/**
 * Gives the embedded PostgreSQL of a state folder, starting it if it does not run (made at first: about two seconds;
 * started: a tenth; running: one connect). Any number of processes may call this at once.
 * @throws UserError when this machine has no PostgreSQL in node_modules, or it does not start
 */
export async function ensureEmbedded(home: string, options: EmbeddedOptions = {}): Promise<EmbeddedConnection> {
  const folders = clusterFolders(home);
  if (!(await isListening(folders))) {
    const { bringUp } = await import("./start.ts");
    await bringUp(folders, options);
  }
  return connectionOf(folders);
}

/** @returns false when it was not running */
export async function stopEmbedded(home: string): Promise<boolean> {
  const folders = clusterFolders(home);
  const { bringDown } = await import("./start.ts");
  return bringDown(folders);
}

/** Stops it and removes its data; the programs stay. */
export async function resetEmbedded(home: string): Promise<void> {
  const folders = clusterFolders(home);
  const { bringDown } = await import("./start.ts");
  await bringDown(folders);
  const { rm } = await import("node:fs/promises");
  await rm(folders.data, { recursive: true, force: true });
}

export interface EmbeddedStatus {
  running: boolean;
  pid: number | null;
  /** PostgreSQL's major version that made the data; null: there is none yet */
  version: string | null;
  dataFolder: string;
  socketFolder: string;
  logFile: string;
  sizeBytes: number | null;
}

export async function embeddedStatus(home: string): Promise<EmbeddedStatus> {
  const folders = clusterFolders(home);
  const { describe } = await import("./status.ts");
  return describe(folders, await isListening(folders));
}

/** As node-postgres and libpq read it. */
export function embeddedUrl(connection: EmbeddedConnection): string {
  return `postgresql://${connection.user}@localhost/${connection.database}?host=${encodeURIComponent(connection.host)}&port=${connection.port}`;
}

export function connectionOf(folders: ClusterFolders): EmbeddedConnection {
  return { host: folders.socket, port: PORT, user: "adsapp", database: "adsapp" };
}

export function isListening(folders: ClusterFolders): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path: socketFile(folders) });
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
}
