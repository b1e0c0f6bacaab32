import {
  closeSync,
  createReadStream,
  createWriteStream,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { UserError } from "../../errors.ts";

/** Where a CSV is read from: twice, since it is looked through before its rows are read. */
export interface Source {
  /** as messages name it */
  name: string;
  open(): Readable;
  /** when it is not needed any more */
  close(): void;
}

const CHUNK = 128 * 1024;

/**
 * A file, `-` for stdin, or a stream. What can be read only once (a stream, a pipe) is first kept in a temporary file
 * that has no name any more, so that nothing of it stays behind.
 * @throws UserError (2) when it cannot be read
 */
export async function openSource(from: string | Readable): Promise<Source> {
  if (typeof from !== "string") return keep("the input", from);
  if (from === "-") return keep("stdin", process.stdin);
  if (statOf(from).isFile()) {
    return { name: from, open: () => createReadStream(from, { highWaterMark: CHUNK }), close: () => {} };
  }
  return keep(from, createReadStream(from));
}

/** Its bytes, from the start. @throws UserError (2) when they cannot be read */
export async function* chunksOf(source: Source): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of source.open()) yield chunk as Buffer;
  } catch (error) {
    throw unreadable(source.name, error);
  }
}

function statOf(path: string) {
  try {
    return statSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function keep(name: string, stream: Readable): Promise<Source> {
  const folder = mkdtempSync(join(tmpdir(), "adsapp-"));
  try {
    const file = join(folder, "input");
    await pipeline(stream, createWriteStream(file, { mode: 0o600, flags: "wx" }));
    const fd = openSync(file, "r");
    const open = () => createReadStream(file, { fd, start: 0, autoClose: false, highWaterMark: CHUNK });
    return { name, open, close: () => closeSync(fd) };
  } catch (error) {
    throw unreadable(name, error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function unreadable(name: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return new UserError(`${name} does not exist`);
  if (code === "EISDIR") return new UserError(`${name} is a folder; name the CSV in it`);
  return typeof code === "string" && /^E[A-Z]+$/.test(code)
    ? new UserError(`${name} cannot be read (${code})`)
    : error;
}
