import {
  closeSync,
  createReadStream,
  createWriteStream,
  mkdtempSync,
  openSync,
  read,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { UserError } from "../errors.ts";

/** Where a CSV is read from: twice, since it is looked through before its rows are read. */
export interface Source {
  /** as messages name it */
  name: string;
  open(): AsyncIterable<Buffer>;
  /** when it is not needed any more; a second time does nothing */
  close(): void;
}

/** Rows of a larger piece live so long that the collector keeps them: 20 MB more at the peak of an import, and no less CPU. */
const CHUNK = 32 * 1024;
const readAsync = promisify(read);

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
    for await (const chunk of source.open()) yield chunk;
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
    let isOpen = true;
    const close = () => {
      if (isOpen) closeSync(fd);
      isOpen = false;
    };
    return { name, open: () => piecesOf(fd), close };
  } catch (error) {
    throw unreadable(name, error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** From its start. A stream of Node's would close the file when it is read to its end, whatever autoClose says. */
async function* piecesOf(fd: number): AsyncGenerator<Buffer> {
  for (let at = 0; ; ) {
    const { bytesRead, buffer } = await readAsync(fd, Buffer.allocUnsafe(CHUNK), 0, CHUNK, at);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
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
