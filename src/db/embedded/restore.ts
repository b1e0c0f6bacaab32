import { existsSync, lstatSync, statSync } from "node:fs";
import { chown, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { ExitCode, UserError } from "../../errors.ts";
import { unpack } from "./archive.ts";
import { quieten, refuseLackOfRoom, type Telling, versionOf, withClient } from "./backup.ts";
import type { ClusterFolders } from "./folders.ts";
import { takeHold } from "./hold.ts";
import { prepareFolders } from "./prepare.ts";
import { ensureRuntime } from "./runtime.ts";
import { serve } from "./start.ts";
import { endServer, refuseForeign } from "./stop.ts";
import { bytesOf, copyTree, giveTree, treeOf } from "./tree.ts";

export interface Restored {
  restored: string;
  /** the data that were there; null: there were none */
  keptAside: string | null;
  /** slugs of organizations that were running when the backup was made, and are paused now */
  paused: string[];
  /** a server ran before, and runs again */
  restarted: boolean;
}

/**
 * Puts a backup in the place of the data folder, which is kept beside it. The copy is started by itself first: a backup that does
 * not start changes nothing. Its organizations are paused: what was sent after the backup was made is not known to it.
 * @param source a folder or a file of `backUp`
 * @throws UserError when it is no backup, another major version's, broken, or there is no room
 */
export async function restore(folders: ClusterFolders, source: string, telling: Telling): Promise<Restored> {
  refuseForeign(folders);
  const isFolder = refuseNoBackup(source);
  await prepareFolders(folders);
  const runtime = await ensureRuntime(folders);
  const hold = await takeHold(folders, "being replaced by a backup");
  const draft = join(folders.base, "data.restoring");
  let restarted = false;
  try {
    await rm(draft, { recursive: true, force: true }); // of one that was killed
    await (isFolder
      ? copyFrom(source, draft, folders, telling)
      : unpackFrom(source, draft, folders, telling));
    requireOurs(draft, source, runtime);
    const paused = await tryOut({ ...folders, data: draft }, runtime, source);
    restarted = await quieten(folders, telling);
    const keptAside = await exchange(folders, draft);
    return { restored: source, keptAside, paused, restarted };
  } finally {
    await rm(draft, { recursive: true, force: true });
    await hold.release();
    if (restarted) await serve(folders, runtime);
  }
}

/** @returns whether it is a folder */
export function refuseNoBackup(source: string): boolean {
  const found = statSync(source, { throwIfNoEntry: false });
  if (found === undefined) throw new UserError(`${source} does not exist`);
  if (!found.isDirectory()) return false;
  if (versionOf(source) === undefined)
    throw new UserError(`${source} is no backup: it has no file PG_VERSION`, {
      hint: "Nothing was changed.",
    });
  if (lstatSync(join(source, "postmaster.pid"), { throwIfNoEntry: false }) !== undefined)
    throw new UserError(`${source} is the folder of a server, or a copy that was made while one ran`, {
      hint: "Nothing was changed. adsapp db backup makes one that is whole.",
    });
  return true;
}

async function copyFrom(
  source: string,
  draft: string,
  folders: ClusterFolders,
  telling: Telling,
): Promise<void> {
  const tree = await treeOf(source);
  await refuseLackOfRoom(folders.base, bytesOf(tree));
  telling.begin(bytesOf(tree));
  await copyTree(tree, source, draft, telling.copied);
  if (folders.server !== undefined) await giveTree(tree, draft, folders.server);
}

async function unpackFrom(
  source: string,
  draft: string,
  folders: ClusterFolders,
  telling: Telling,
): Promise<void> {
  await refuseLackOfRoom(folders.base, statSync(source).size);
  telling.begin(0);
  await mkdir(draft, { mode: 0o700 });
  await unpack(source, draft, telling.copied);
  const tree = await treeOf(draft); // refuses links and devices before anybody follows one
  if (folders.server !== undefined) await giveTree(tree, draft, folders.server);
}

function requireOurs(draft: string, source: string, runtime: string): void {
  const made = versionOf(draft);
  const ours = /pg-(\d+)/.exec(runtime)?.[1];
  if (made === undefined || !existsSync(join(draft, "global", "pg_control")))
    throw new UserError(`${source} is no backup of adsapp`, { hint: "Nothing was changed." });
  if (ours !== undefined && made !== ours)
    throw new UserError(`${source} was made by PostgreSQL ${made}; this adsapp brings ${ours}`, {
      hint: "Nothing was changed. Restore it with the adsapp that made it, and move it from there (adsapp db move).",
      exitCode: ExitCode.Failed,
    });
}

/** Starts the copy on a socket of its own, where no tick finds it, and pauses its organizations. @returns their slugs */
async function tryOut(copy: ClusterFolders, runtime: string, source: string): Promise<string[]> {
  const socket = join(copy.socket, "own"); // short: the path of a socket has room for little
  await mkdir(socket, { mode: 0o700, recursive: true });
  if (copy.server !== undefined) await chown(socket, copy.server.uid, copy.server.gid);
  const apart = { ...copy, socket };
  try {
    await serve(apart, runtime, true);
    return await withClient(apart, async (client) => {
      const known = await client.query("select to_regclass('public.organizations') is not null as known");
      if (known.rows[0]?.known !== true) return [];
      const pause =
        "update public.organizations set paused_at = now() where paused_at is null returning slug";
      return (await client.query<{ slug: string }>(pause)).rows.map(({ slug }) => slug).sort();
    });
  } catch (cause) {
    const [reason = ""] = (cause as Error).message.split("\n");
    throw new UserError(`the backup ${source} does not start: ${reason}`, {
      hint: `Nothing was changed. The server's log is ${copy.log}`,
      exitCode: ExitCode.Failed,
      cause,
    });
  } finally {
    await endServer(apart);
    await rm(socket, { recursive: true, force: true });
  }
}

/** Two renames; a server that was started on the old folder is stopped where it went. @returns where that is */
async function exchange(folders: ClusterFolders, draft: string): Promise<string | null> {
  await endServer(folders);
  const aside = existsSync(folders.data) ? asideName(folders.data) : null;
  if (aside !== null) {
    await rename(folders.data, aside);
    await endServer({ ...folders, data: aside });
  }
  await rename(draft, folders.data);
  const base = await open(folders.base);
  await base.sync().finally(() => base.close());
  return aside;
}

/** A restore may follow another within a second. */
function asideName(data: string): string {
  const time = new Date().toISOString().slice(0, 23).replaceAll(/[:.]/g, "-");
  return `${data}.before-${time}`;
}
