import { readFileSync, statSync } from "node:fs";
import { rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { ExitCode, UserError } from "../../errors.ts";
import type { ClusterFolders } from "./folders.ts";
import { aloneWith, isAlive } from "./locks.ts";

/** While the data folder is copied or replaced, nobody starts a server on it. */
export interface Hold {
  release(): Promise<void>;
}

/** A holder tells so often that it lives; one that is silent for longer counts as gone, whoever has its pid now. */
const BEAT_MS = 1_000;
const SILENCE_MS = 15_000;
const PATIENCE_MS = 30_000;

/**
 * @param what it is held for: "being backed up"
 * @throws UserError (75) when another process holds it
 */
export async function takeHold(folders: ClusterFolders, what: string): Promise<Hold> {
  const file = holdFile(folders);
  const isOurs = () =>
    writeFile(file, `${process.pid} ${what}`, { flag: "wx", mode: 0o600 }).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
        return false;
      },
    );
  if (!(await isOurs())) {
    await aloneWith(file, async () => {
      if (holderOf(folders) === undefined) await rm(file, { force: true });
    });
    if (!(await isOurs())) throw isHeld(folders);
  }
  const beat = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => {}), BEAT_MS).unref();
  return {
    async release() {
      clearInterval(beat);
      await rm(file, { force: true });
    },
  };
}

/** Returns once nobody holds the data folder. @throws UserError (75) when that takes more than half a minute */
export async function untilReleased(folders: ClusterFolders): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (holderOf(folders) !== undefined) {
    if (performance.now() > deadline) throw isHeld(folders);
    await setTimeout(50);
  }
}

/** Who holds it and what for; undefined: nobody who lives. */
export function holderOf(folders: ClusterFolders): { pid: number; what: string } | undefined {
  try {
    const file = holdFile(folders);
    const [, pid, what = ""] = /^(\d+) (.*)$/.exec(readFileSync(file, "utf8")) ?? [];
    const silent = Math.abs(Date.now() - statSync(file).mtimeMs) > SILENCE_MS;
    return silent || (pid !== undefined && !isAlive(Number(pid))) ? undefined : { pid: Number(pid), what };
  } catch {
    return undefined;
  }
}

function holdFile(folders: ClusterFolders): string {
  return join(folders.base, "data.held");
}

function isHeld(folders: ClusterFolders): UserError {
  const holder = holderOf(folders);
  return new UserError(
    `the embedded database is ${holder?.what ?? "held"}${holder === undefined ? "" : ` (process ${holder.pid})`}`,
    { hint: "Try again when that is done.", exitCode: ExitCode.TryAgain },
  );
}
