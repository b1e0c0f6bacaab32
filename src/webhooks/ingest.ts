import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Database } from "../db/database.ts";
import { UserError } from "../errors.ts";
import { applyInbox, storeBodies } from "./inbox.ts";

/** Meta's bodies are up to 3 MB (reference §5.3). */
const LARGEST_BODY = 4 * 1024 * 1024;
const BODIES_AT_ONCE = 200;

export interface Ingested {
  /** bodies that were stored */
  bodies: number;
  /** bodies of the inbox that were applied, or put aside with their error, in this run */
  processed: number;
}

/**
 * Stores the bodies of files (one webhook body a line; `-` is stdin) and applies them. A local file needs no signature.
 * @throws UserError when a file cannot be read or a line is larger than any body of Meta's; earlier bodies are kept
 */
export async function ingestFiles(
  database: Database,
  files: readonly string[],
  stdin: Readable,
): Promise<Ingested> {
  let bodies = 0;
  for (const file of files)
    bodies += await storeLines(database, file === "-" ? stdin : createReadStream(file), file);
  return { bodies, processed: await applyInbox(database) };
}

async function storeLines(database: Database, source: Readable, file: string): Promise<number> {
  let stored = 0;
  let line = 0;
  let batch: string[] = [];
  const flush = async () => {
    if (batch.length > 0) await storeBodies(database, batch, "ingest");
    stored += batch.length;
    batch = [];
  };
  try {
    for await (const text of createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY })) {
      line++;
      if (text.trim() === "") continue;
      if (text.length > LARGEST_BODY)
        throw new UserError(`${file}:${line}: larger than any webhook body (4 MB)`);
      batch.push(text.replaceAll("\u0000", ""));
      if (batch.length >= BODIES_AT_ONCE) await flush();
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "EACCES" || code === "EISDIR")
      throw new UserError(`${file} cannot be read (${code})`);
    throw error;
  }
  await flush();
  return stored;
}
