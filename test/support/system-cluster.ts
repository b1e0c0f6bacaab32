import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { appendFile, chown, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { type ClusterFolders, clusterFolders } from "../../src/db/embedded/folders.ts";
import { prepareFolders } from "../../src/db/embedded/prepare.ts";
import { asServer } from "../../src/db/embedded/server.ts";
import { serve } from "../../src/db/embedded/start.ts";
import { clusterForRun, type RunningCluster, startCluster, TEST_SETTINGS } from "./cluster.ts";

/** vitest's globalSetup: the oldest PostgreSQL of Debian's that adsapp supports, on a private socket. */
export default function setup(project: TestProject): Promise<() => Promise<void>> {
  return clusterForRun(project, () => startSystemCluster({ ...UNSAFE, ...TEST_SETTINGS }));
}

/** @param settings lines of postgresql.conf, beside what keeps the server private */
export function startSystemCluster(settings: Record<string, string>): Promise<RunningCluster> {
  return startCluster((home) => launchSystemServer(home, { ...PRIVATE, ...settings }));
}

const DEBIANS = "/usr/lib/postgresql";
const OLDEST = 15;

async function launchSystemServer(home: string, settings: Record<string, string>): Promise<void> {
  const programs = systemPrograms();
  const folders = clusterFolders(home);
  await prepareFolders(folders);
  await makeCluster(folders, programs, settings);
  await serve(folders, programs);
}

function systemPrograms(): string {
  const versions = existsSync(DEBIANS) ? readdirSync(DEBIANS).map(Number) : [];
  const usable = versions
    .filter((version) => version >= OLDEST && existsSync(join(DEBIANS, String(version), "bin", "initdb")))
    .sort((a, b) => a - b);
  if (usable[0] === undefined) {
    throw new Error(`no PostgreSQL ${OLDEST} or newer in ${DEBIANS}. Run: apt-get install postgresql`);
  }
  return join(DEBIANS, String(usable[0]));
}

async function makeCluster(
  folders: ClusterFolders,
  programs: string,
  settings: Record<string, string>,
): Promise<void> {
  await mkdir(folders.data, { mode: 0o700 });
  if (folders.server !== undefined) await chown(folders.data, folders.server.uid, folders.server.gid);
  const options = ["--username=adsapp", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"];
  await promisify(execFile)(
    join(programs, "bin", "initdb"),
    ["-D", folders.data, ...options],
    asServer(folders),
  );
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`);
  await appendFile(join(folders.data, "postgresql.conf"), lines.join(""));
}

const PRIVATE = { listen_addresses: "", timezone: "UTC" };
const UNSAFE = { fsync: "off", full_page_writes: "off" };
