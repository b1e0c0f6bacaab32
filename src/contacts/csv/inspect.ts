import { TextDecoder } from "node:util";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { UserError } from "../../errors.ts";

export const ENCODINGS = ["utf-8", "utf-16le", "utf-16be", "windows-1252"] as const;
export type Encoding = (typeof ENCODINGS)[number];
export const DELIMITERS = { comma: ",", semicolon: ";", tab: "\t", pipe: "|" } as const;

/** What a look at the whole file tells, before anything is read from it. */
export interface Inspection {
  encoding: Encoding;
  delimiter: string;
  lineEnd: "CRLF" | "LF" | "CR" | "mixed";
  /** SHA-256 of the bytes */
  hash: string;
  bytes: number;
}

const SAMPLE = 64 * 1024;

/**
 * Reads the file once, in a stream: its hash, its encoding (a byte order mark; else UTF-8 when all of it is valid; else
 * what a Dutch Excel writes, Windows-1252), and from its start the delimiter and line ends.
 * @throws UserError when it cannot be read, is empty, or is not in the encoding that was asked for
 */
export async function inspectFile(path: string, asked: { encoding?: Encoding | undefined; delimiter?: string | undefined }): Promise<Inspection> {
  const hash = createHash("sha256");
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  const sample: Buffer[] = [];
  let bytes = 0;
  let isUtf8 = true;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      if (bytes < SAMPLE) sample.push(chunk.subarray(0, SAMPLE - bytes));
      bytes += chunk.length;
      isUtf8 &&= decodes(utf8, chunk, true);
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  if (bytes === 0) throw new UserError(`${path} is empty`);
  isUtf8 &&= decodes(utf8, Buffer.alloc(0), false);
  const start = Buffer.concat(sample);
  const encoding = asked.encoding ?? markOf(start) ?? (isUtf8 ? "utf-8" : "windows-1252");
  if (encoding === "utf-8" && !isUtf8) throw new UserError(`${path} is not valid UTF-8`, { hint: "Leave --encoding out, or say --encoding windows-1252." });
  const text = new TextDecoder(encoding).decode(start, { stream: true });
  return { encoding, delimiter: asked.delimiter ?? delimiterOf(text), lineEnd: lineEndOf(text), hash: hash.digest("hex"), bytes };
}

function decodes(decoder: TextDecoder, chunk: Uint8Array, stream: boolean): boolean {
  try {
    decoder.decode(chunk, { stream });
    return true;
  } catch {
    return false;
  }
}

function unreadable(path: string, error: unknown): unknown {
  const { code = "" } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return new UserError(`${path} does not exist`);
  return ["EACCES", "EISDIR", "EPERM"].includes(code) ? new UserError(`${path} cannot be read (${code})`) : error;
}

function markOf(start: Buffer): Encoding | undefined {
  if (start[0] === 0xff && start[1] === 0xfe) return "utf-16le";
  if (start[0] === 0xfe && start[1] === 0xff) return "utf-16be";
  if (start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf) return "utf-8";
  return undefined;
}

/** The separator that the header line has most of, outside quotes. */
function delimiterOf(text: string): string {
  const header = (/^\ufeff?([^\r\n]*)/.exec(text)?.[1] ?? "").replace(/"[^"]*"/g, "");
  const counts = Object.values(DELIMITERS).map((delimiter) => ({ delimiter, count: header.split(delimiter).length - 1 }));
  return counts.reduce((best, each) => (each.count > best.count ? each : best)).delimiter;
}

function lineEndOf(text: string): Inspection["lineEnd"] {
  const kinds = new Set([...text.matchAll(/\r\n|\n|\r(?!$)/g)].map((match) => match[0]));
  if (kinds.size > 1) return "mixed";
  return kinds.has("\r\n") ? "CRLF" : kinds.has("\r") ? "CR" : "LF";
}
