import { createReadStream, type Dirent, constants as fs } from "node:fs";
import { chown, copyFile, mkdir, open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../errors.ts";
import type { ServerUser } from "./folders.ts";

/** A folder with all that is in it: paths below it, folders before what they hold. */
export interface Tree {
  folders: string[];
  files: { path: string; bytes: number }[];
}

const AT_ONCE = 8;

/**
 * @param follow what a link of the folder's first level points to counts as the folder's own (pg_wal on another disk)
 * @throws UserError for a link or anything else that is neither a file nor a folder
 */
export async function treeOf(folder: string, follow = false): Promise<Tree> {
  const tree: Tree = { folders: [], files: [] };
  const walk = async (below: string) => {
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
      const path = join(below, entry.name);
      const kind = entry.isSymbolicLink() && follow && below === "" ? await stat(join(folder, path)) : entry;
      if (kind.isDirectory()) {
        tree.folders.push(path);
        await walk(path);
      } else if (kind.isFile()) tree.files.push({ path, bytes: (await stat(join(folder, path))).size });
      else if (!isSocket(entry)) throw strange(join(folder, path));
    }
  };
  await walk("");
  return tree;
}

export function bytesOf(tree: Tree): number {
  return tree.files.reduce((sum, file) => sum + file.bytes, 0);
}

/** Copies a tree into a new folder, closed to others, and has each file reach the disk. */
export async function copyTree(
  tree: Tree,
  from: string,
  to: string,
  onBytes: (bytes: number) => void,
): Promise<void> {
  await mkdir(to, { mode: 0o700 });
  for (const folder of tree.folders) await mkdir(join(to, folder), { mode: 0o700 });
  await side(tree.files, async ({ path, bytes }) => {
    // a file system that can share blocks does so; there it takes no time and no room
    await copyFile(join(from, path), join(to, path), fs.COPYFILE_EXCL | fs.COPYFILE_FICLONE);
    const copy = await open(join(to, path), "r+");
    await copy.chmod(0o600);
    await copy.sync().finally(() => copy.close());
    onBytes(bytes);
  });
}

/** Gives a tree to the server's user. */
export async function giveTree(tree: Tree, folder: string, { uid, gid }: ServerUser): Promise<void> {
  const paths = ["", ...tree.folders, ...tree.files.map(({ path }) => path)];
  await side(paths, (path) => chown(join(folder, path), uid, gid));
}

/** Is it compressed by gzip, whatever its name says? */
export async function isGzip(file: string): Promise<boolean> {
  for await (const chunk of createReadStream(file, { end: 1 }) as AsyncIterable<Buffer>)
    return chunk[0] === 0x1f && chunk[1] === 0x8b;
  return false;
}

async function side<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of rest) await work(item);
    }),
  );
}

const isSocket = (entry: Dirent) => entry.isSocket();

function strange(path: string): UserError {
  return new UserError(`${path} is neither a file nor a folder`, {
    hint: "Nothing was changed. A cluster with tablespaces elsewhere needs pg_basebackup.",
  });
}
