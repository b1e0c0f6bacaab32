import { existsSync, lstatSync, readFileSync } from "node:fs";
import { readdir, realpath, rename, rm, statfs } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import pg from "pg";
import { ExitCode, UserError } from "../../errors.ts";
import { giveBackLanes, holdLanes } from "../lanes.ts";
import { isArchive, pack } from "./archive.ts";
import type { ClusterFolders } from "./folders.ts";
import { takeHold } from "./hold.ts";
import { livePid } from "./locks.ts";
import { ensureRuntime } from "./runtime.ts";
import { connectionOf, isListening } from "./socket.ts";
import { serve } from "./start.ts";
import { endServer, refuseForeign } from "./stop.ts";
import { bytesOf, copyTree, treeOf } from "./tree.ts";

export interface Backup {
  backup: string;
  /** of the data; a packed file is smaller */
  bytes: number;
  /** PostgreSQL's major version */
  version: string;
  /** it runs again */
  restarted: boolean;
}

/** What a backup or a restore tells while it works. */
export interface Telling {
  say(text: string): void;
  /** how much will be copied, before the first of it */
  begin(bytes: number): void;
  copied(bytes: number): void;
}

/**
 * Stops the server, copies its data folder and starts it again if it ran. Ticks that send are waited for, commands that come
 * meanwhile wait; what was committed before is in the copy, and nothing after.
 * @param target a folder, or a file that ends in .tar, .tar.gz or .tgz; neither is there yet
 * @throws UserError when there is nothing to copy, no room, something of that name, or (75) a tick that does not end
 */
export async function backUp(folders: ClusterFolders, target: string, telling: Telling): Promise<Backup> {
  refuseForeign(folders);
  const version = versionOf(folders.data);
  if (version === undefined) throw nothingThere(folders);
  await refuseTarget(target, folders);
  const hold = await takeHold(folders, "being backed up");
  let restarted = false;
  try {
    restarted = await quieten(folders, telling);
    const tree = await treeOf(folders.data, true);
    await refuseTablespaces(folders);
    const bytes = bytesOf(tree);
    await refuseLackOfRoom(dirname(resolve(target)), bytes);
    telling.begin(bytes);
    const before = stateOf(folders);
    const check = () => refuseMoved(folders, before);
    if (isArchive(target)) await pack(folders.data, target, telling.copied, check);
    else await copyWhole(target, (draft) => copyTree(tree, folders.data, draft, telling.copied).then(check));
    return { backup: resolve(target), bytes, version, restarted };
  } finally {
    await hold.release();
    if (restarted) await goOn(folders);
  }
}

/** @returns whether a server ran. Nothing is being sent when it is stopped, and the leases in the copy run out by themselves */
export async function quieten(folders: ClusterFolders, telling: Telling): Promise<boolean> {
  if (!(await isListening(folders))) return false;
  await withClient(folders, (client) =>
    holdLanes(client, (holders) => telling.say(`Waiting for ticks that send: ${holders}`)),
  );
  await endServer(folders);
  return true;
}

async function goOn(folders: ClusterFolders): Promise<void> {
  await serve(folders, await ensureRuntime(folders));
  await withClient(folders, giveBackLanes);
}

export async function withClient<T>(
  folders: ClusterFolders,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ ...connectionOf(folders), ssl: false });
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query("set default_transaction_read_only = off"); // on, where the database was moved elsewhere
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** PG_VERSION of a data folder: "18". */
export function versionOf(data: string): string | undefined {
  try {
    return readFileSync(join(data, "PG_VERSION"), "utf8").trim();
  } catch {
    return undefined;
  }
}

/** What a server changes as it starts: pg_control. A second look tells whether one ran meanwhile, however it was started. */
function stateOf(folders: ClusterFolders): string {
  return readFileSync(join(folders.data, "global", "pg_control")).toString("base64");
}

async function refuseMoved(folders: ClusterFolders, before: string): Promise<void> {
  if (livePid(folders) === undefined && stateOf(folders) === before) return;
  throw new UserError("a server was started on the data folder while it was copied", {
    hint: "There is no backup. Try again.",
    exitCode: ExitCode.TryAgain,
  });
}

/** Copied beside its place and put there when it is whole. */
async function copyWhole(target: string, copy: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${resolve(target)}.${process.pid}.tmp`;
  try {
    await copy(draft);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

async function refuseTarget(target: string, folders: ClusterFolders): Promise<void> {
  const path = resolve(target);
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there !== undefined) {
    const other = join(there.isDirectory() ? target : dirname(target), "adsapp-2026-11-27.tar.gz");
    throw new UserError(`${target} exists`, {
      hint: `A backup overwrites nothing. Name a new file or folder, such as ${other}`,
    });
  }
  if (!existsSync(dirname(path))) throw new UserError(`there is no folder ${dirname(path)}`);
  const [parent, data] = [await realpath(dirname(path)), await realpath(folders.data)];
  if (`${parent}/`.startsWith(`${data}/`))
    throw new UserError(`${target} is inside the data folder`, { hint: "Name a place outside of it." });
}

/** @throws UserError when a folder's disk has no room for so many bytes and a little more */
export async function refuseLackOfRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const needed = bytes * 1.05;
  if (bavail * bsize >= needed) return;
  const mb = (n: number) => Math.ceil(n / 1e6);
  throw new UserError(`${folder} has ${mb(bavail * bsize)} MB free, and the copy takes ${mb(needed)} MB`, {
    hint: "Nothing was changed. Make room, or name another disk.",
    exitCode: ExitCode.Failed,
  });
}

async function refuseTablespaces(folders: ClusterFolders): Promise<void> {
  if ((await readdir(join(folders.data, "pg_tblspc"))).length === 0) return;
  throw new UserError("the cluster has tablespaces outside of its folder, which a copy would leave behind", {
    hint: "Nothing was changed. Use pg_basebackup.",
    exitCode: ExitCode.Failed,
  });
}

function nothingThere(folders: ClusterFolders): UserError {
  return new UserError(`there is no embedded database in ${basename(folders.base)}: nothing to back up`, {
    hint: `Looked in ${folders.data}. adsapp db status tells where it is.`,
    exitCode: ExitCode.Failed,
  });
}
