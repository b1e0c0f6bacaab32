import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { clusterFolders } from "../../src/db/embedded/folders.ts";
import { embeddedUrl, stopEmbedded } from "../../src/db/embedded/index.ts";
import { isAlive } from "../../src/db/embedded/locks.ts";
import { connectionOf } from "../../src/db/embedded/socket.ts";
import { asAdmin } from "./admin.ts";
import { keptInMemory, MEMORY } from "./memory.ts";
import { prepareTemplate } from "./template.ts";

/** The PostgreSQL of one test run; a superuser's connection to it. */
export interface TestCluster {
  /** the folder of its socket */
  host: string;
  port: number;
  user: string;
}

declare module "vitest" {
  export interface ProvidedContext {
    cluster: TestCluster;
  }
}

export interface RunningCluster {
  cluster: TestCluster;
  /** stops it and removes its folder */
  stop(): Promise<void>;
}

export interface TestDatabase {
  url: string;
  name: string;
  drop(): Promise<void>;
}

/** For tests: what a machine's end would lose is worth nothing, and each test file has a pool or two. */
export const TEST_SETTINGS = { max_connections: "200" };

const TEMPLATE = "adsapp_template";

/** A vitest globalSetup: starts a cluster with a filled template, tells the test files, and stops it after them. */
export async function clusterForRun(
  project: TestProject,
  start: () => Promise<RunningCluster>,
): Promise<() => Promise<void>> {
  const { cluster, stop } = project.name === "long" ? await start() : await keptInMemory(await start());
  try {
    await makeTemplate(cluster);
  } catch (error) {
    await stop();
    throw error;
  }
  project.provide("cluster", cluster);
  return stop;
}

/**
 * Starts a cluster in a fresh folder of its own. One that an earlier, killed run left behind is removed first.
 * @param launch starts the server of that state folder
 */
export async function startCluster(launch: (home: string) => Promise<void>): Promise<RunningCluster> {
  await removeAbandoned();
  const home = await mkdtemp(join(tmpdir(), `adsapp-test-${process.pid}-`));
  await chmod(home, 0o755); // root's server runs as another user
  const stop = () => removeCluster(home);
  try {
    await launch(home);
  } catch (error) {
    await stop();
    throw error;
  }
  const { host, port, user } = connectionOf(clusterFolders(home));
  return { cluster: { host, port, user }, stop };
}

/** Makes the database that test databases are copied from; nobody can connect to it afterwards. */
export async function makeTemplate(cluster: TestCluster): Promise<void> {
  await asAdmin(cluster, [`create database ${TEMPLATE}`]);
  await prepareTemplate(databaseUrl(cluster, TEMPLATE));
  await asAdmin(cluster, [`alter database ${TEMPLATE} with allow_connections false is_template true`]);
}

/**
 * A copy of the template, some 20 ms. Any number of processes may ask at once.
 * @param template another database instead, which nobody is connected to
 */
export async function cloneTemplate(cluster: TestCluster, template = TEMPLATE): Promise<TestDatabase> {
  const name = `t_${process.pid}_${randomBytes(4).toString("hex")}`;
  await asAdmin(cluster, [`create database ${name} template ${template} strategy file_copy`]);
  const drop = () => asAdmin(cluster, [`drop database if exists ${name} with (force)`]);
  return { name, url: databaseUrl(cluster, name), drop };
}

function databaseUrl(cluster: TestCluster, database: string): string {
  const url = new URL(embeddedUrl({ ...cluster, user: "adsapp", database: "adsapp" }));
  url.pathname = `/${database}`;
  return url.href;
}

/** Clusters of runs that were killed: the folder's name tells whose it was. */
async function removeAbandoned(): Promise<void> {
  for (const home of abandonedIn(tmpdir())) await removeCluster(home).catch(() => {}); // another user's
  for (const folder of existsSync(MEMORY) ? abandonedIn(MEMORY) : [])
    await rm(folder, { recursive: true, force: true }).catch(() => {});
}

function abandonedIn(folder: string): string[] {
  const isAbandoned = (name: string) => {
    const pid = /^adsapp-test-(\d+)-/.exec(name)?.[1];
    return pid !== undefined && !isAlive(Number(pid));
  };
  return readdirSync(folder)
    .filter(isAbandoned)
    .map((name) => join(folder, name));
}

async function removeCluster(home: string): Promise<void> {
  const { base } = clusterFolders(home);
  await stopEmbedded(home);
  for (const folder of new Set([base, home])) await rm(folder, { recursive: true, force: true });
}
