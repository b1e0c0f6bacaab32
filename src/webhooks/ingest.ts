import { statSync } from "node:fs";
import type { Readable } from "node:stream";
import type { Database } from "../db/database.ts";
import { UserError } from "../errors.ts";
import { linesOf, textOfLine } from "../files/lines.ts";
import { chunksOf, openSource, type Source } from "../files/source.ts";
import { applyInbox, storeBodies } from "./inbox.ts";

/** Meta's bodies are up to 3 MB (reference §5.3). */
const LARGEST_BODY = 4 * 1024 * 1024;
const BODIES_AT_ONCE = 200;
const BYTES_AT_ONCE = 8 * 1024 * 1024;

export interface Ingested {
  /** bodies that were stored */
  bodies: number;
  /** bodies of the inbox that were applied, or put aside with their error, in this run */
  processed: number;
}

/**
 * Stores the bodies of files (one webhook body a line, or one a file; `-` is stdin) and applies them. A local file needs no signature.
 * @throws UserError when one cannot be read, or has a line larger than any body of Meta's: then nothing is stored
 */
export async function ingestFiles(
  database: Database,
  files: readonly string[],
  stdin: Readable,
): Promise<Ingested> {
  const sources: Source[] = [];
  let bodies = 0;
  try {
    for (const file of new Set(files)) sources.push(await openBodies(file, stdin));
    for (const source of sources) await checkLines(source);
    for (const source of sources) bodies += await storeAll(database, source);
  } finally {
    for (const source of sources) source.close();
  }
  return { bodies, processed: await applyInbox(database) };
}

function openBodies(file: string, stdin: Readable): Promise<Source> {
  if (file === "-") return openSource(stdin);
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new UserError(`${file} is a folder; name the files in it`);
  return openSource(file);
}

/** Every line of every file is looked at before the first is stored. @throws UserError naming a line that is too large */
async function checkLines(source: Source): Promise<void> {
  for await (const { line, bytes } of linesOf(source, LARGEST_BODY))
    if (bytes === undefined)
      throw new UserError(`${source.name}:${line}: larger than any webhook body (4 MB)`, {
        hint: "One webhook body a line. Nothing of the files was stored.",
      });
}

/** A file that holds one body alone, over as many lines as an editor made of it; undefined: bodies stand in its lines. */
async function onlyBodyOf(source: Source): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunksOf(source)) {
    size += chunk.length;
    if (size > LARGEST_BODY) return undefined;
    chunks.push(chunk);
  }
  const text = bodyText(Buffer.concat(chunks));
  try {
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}

function bodyText(bytes: Buffer): string {
  return textOfLine(bytes).replaceAll("\u0000", "");
}

async function storeAll(database: Database, source: Source): Promise<number> {
  const only = await onlyBodyOf(source);
  if (only === undefined) return storeLines(database, source);
  await storeBodies(database, [only], "ingest");
  return 1;
}

async function storeLines(database: Database, source: Source): Promise<number> {
  let stored = 0;
  let held = 0;
  let batch: string[] = [];
  const flush = async () => {
    if (batch.length > 0) await storeBodies(database, batch, "ingest");
    stored += batch.length;
    batch = [];
    held = 0;
  };
  for await (const { bytes } of linesOf(source, LARGEST_BODY)) {
    const body = bytes === undefined ? "" : bodyText(bytes);
    if (body === "") continue;
    batch.push(body);
    held += bytes?.length ?? 0;
    if (batch.length >= BODIES_AT_ONCE || held >= BYTES_AT_ONCE) await flush();
  }
  await flush();
  return stored;
}
