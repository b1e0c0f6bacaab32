import {
  createWriteStream,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  type WriteStream,
} from "node:fs";
import { pipeline } from "node:stream/promises";
import { UserError } from "../errors.ts";

/** @throws UserError when the file exists (unless `force`), is a link or no ordinary file */
export function refuseExisting(path: string, force: boolean): void {
  const stat = statOf(path);
  if (stat?.isSymbolicLink() === true) throw new UserError(`${path} is a link; name the file itself`);
  if (stat?.isFile() === false) throw new UserError(`${path} is no ordinary file; name another`);
  if (stat !== undefined && !force)
    throw new UserError(`${path} exists`, { hint: "Name another file, or say --force." });
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw new UserError(`${path} cannot be written (${(error as NodeJS.ErrnoException).code})`); // its folder is a file, or closed
  }
}

/**
 * For the owner's eyes alone, beside the file's place, where it is put when it is whole. A program that is told to stop
 * leaves none behind.
 */
export function draftOf(path: string): { stream: WriteStream; publish(): void; discard(): void } {
  const draft = `${path}.${process.pid}.tmp`;
  const stream = createWriteStream(draft, { fd: openSync(draft, "wx", 0o600) });
  const remove = () => rmSync(draft, { force: true });
  const release = whenToldToStop(remove);
  return {
    stream,
    publish() {
      renameSync(draft, path);
      release();
    },
    discard() {
      stream.destroy();
      remove();
      release();
    },
  };
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const; // not SIGHUP, which nohup has ignored

/** Does it before a signal ends the program; not where others listen to it, and the program goes on. @returns to listen no more */
function whenToldToStop(work: () => void): () => void {
  const heard = (signal: NodeJS.Signals) => {
    if (process.listenerCount(signal) > 1) return;
    work();
    release();
    process.kill(process.pid, signal);
  };
  const release = () => {
    for (const signal of SIGNALS) process.off(signal, heard);
  };
  for (const signal of SIGNALS) process.on(signal, heard);
  return release;
}

/**
 * Writes people's data to a file of mode 0600; all of it or nothing.
 * @throws UserError when the file exists (unless `force`), is a link, or cannot be written
 */
export async function writePrivateFile(
  path: string,
  pieces: AsyncIterable<string> | Iterable<string>,
  force: boolean,
): Promise<void> {
  refuseExisting(path, force);
  let draft: ReturnType<typeof draftOf> | undefined;
  try {
    draft = draftOf(path);
    await pipeline(pieces, draft.stream);
    draft.publish();
  } catch (error) {
    draft?.discard();
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code !== "string" || !/^E[A-Z]+$/.test(code)) throw error;
    throw new UserError(`${path} cannot be written (${code})`);
  }
}
