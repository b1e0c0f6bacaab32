import { createHash } from "node:crypto";
import { parse } from "csv-parse/sync";
import { UserError } from "../../errors.ts";
import { chunksOf, type Source } from "../../files/source.ts";
import { fieldNamed } from "./aliases.ts";
import { type Encoding, encodingOfStart, fromWindows1252, Utf8Evidence } from "./encoding.ts";

export { ENCODINGS, type Encoding } from "./encoding.ts";

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
 * Reads it once, in a stream: its hash and encoding, and from its start the delimiter and line ends.
 * @throws UserError when it cannot be read, is empty, or is no text at all
 */
export async function inspect(
  source: Source,
  asked: { encoding?: Encoding | undefined; delimiter?: string | undefined },
): Promise<Inspection> {
  const hash = createHash("sha256");
  const evidence = new Utf8Evidence();
  const sample: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(source)) {
    hash.update(chunk);
    evidence.see(chunk);
    if (bytes < SAMPLE) sample.push(chunk.subarray(0, SAMPLE - bytes));
    bytes += chunk.length;
  }
  if (bytes === 0) throw new UserError(`${source.name} is empty`);
  const start = Buffer.concat(sample);
  refuseOtherKinds(source.name, start);
  const encoding = asked.encoding ?? encodingOfStart(start) ?? (evidence.isUtf8() ? "utf-8" : "windows-1252");
  const text = textOf(start, encoding);
  const delimiter = asked.delimiter ?? delimiterOf(text);
  return { encoding, delimiter, lineEnd: lineEndOf(text), hash: hash.digest("hex"), bytes };
}

const OTHER_KINDS: [magic: string, kind: string][] = [
  ["504b0304", "an Excel workbook (or another zip file)"],
  ["d0cf11e0", "an Excel workbook"],
  ["1f8b", "a gzip file"],
  ["25504446", "a PDF"],
];

function refuseOtherKinds(name: string, start: Buffer): void {
  const kind = OTHER_KINDS.find(([magic]) => start.toString("hex", 0, magic.length / 2) === magic)?.[1];
  if (kind === undefined) return;
  throw new UserError(`${name} is ${kind}, not a CSV`, {
    hint: "Unpack it, or in Excel choose Save as, CSV UTF-8.",
  });
}

function textOf(start: Buffer, encoding: Encoding): string {
  if (encoding === "windows-1252") return fromWindows1252(start);
  return new TextDecoder(encoding).decode(start, { stream: true });
}

/**
 * What `sep=` on the first line says, as Excel reads it; else the separator under which most columns of the header have
 * names that we know, and then the one that makes most columns.
 */
function delimiterOf(text: string): string {
  const said = /^sep=([,;\t|])(?:\r|\n)/i.exec(text)?.[1];
  if (said !== undefined) return said;
  const scored = Object.values(DELIMITERS).map((delimiter) => {
    const header = headerBy(delimiter, text);
    const known = new Set(header.map(fieldNamed).filter((field) => field !== undefined)).size;
    return { delimiter, score: known * 1_000 + Math.min(header.length, 999) };
  });
  return scored.reduce((best, each) => (each.score > best.score ? each : best)).delimiter;
}

function headerBy(delimiter: string, text: string): string[] {
  const options = { relax_quotes: true, skip_empty_lines: true, max_record_size: SAMPLE * 2, to: 1 };
  try {
    return parse(text, { ...options, delimiter, record_delimiter: ["\r\n", "\n", "\r"] })[0] ?? [];
  } catch {
    return []; // a quote that does not close by this delimiter
  }
}

/** Those between rows; a cell in quotes may hold others. */
function lineEndOf(text: string): Inspection["lineEnd"] {
  const ends = text.replace(/"[^"]*"/g, "").matchAll(/\r\n|\n|\r(?!$)/g);
  const kinds = new Set([...ends].map(([end]) => end));
  if (kinds.size > 1) return "mixed";
  if (kinds.has("\r\n")) return "CRLF";
  return kinds.has("\r") ? "CR" : "LF";
}
