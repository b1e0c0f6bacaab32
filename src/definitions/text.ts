import { createReadStream } from "node:fs";
import { UserError } from "../errors.ts";

/** In bytes: a definition is small, and what is larger is the wrong file. */
const LARGEST = 1024 * 1024;

/**
 * The text of a file, or of stdin for `-`; no more than the limit is ever read, also from a pipe without an end.
 * @throws UserError (2) when it cannot be read, is too large, or is not UTF-8
 */
export async function readText(path: string): Promise<string> {
  const name = path === "-" ? "stdin" : path;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await readCapped(name, path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof UserError || code === undefined) throw error;
    if (code === "ENOENT") throw new UserError(`${name} does not exist`);
    if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") throw new UserError(`${name} is not UTF-8 text`);
    throw new UserError(`${name} cannot be read (${code})`);
  }
}

async function readCapped(name: string, path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of path === "-" ? process.stdin : createReadStream(path)) {
    chunks.push(Buffer.from(chunk as Uint8Array));
    bytes += (chunk as Uint8Array).length;
    if (bytes > LARGEST) throw new UserError(`${name} is larger than 1 MB; a definition is small`);
  }
  return Buffer.concat(chunks);
}
