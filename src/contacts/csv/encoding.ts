import { isAscii, isUtf8 } from "node:buffer";
import { UserError } from "../../errors.ts";

export const ENCODINGS = ["utf-8", "utf-16le", "utf-16be", "windows-1252"] as const;
export type Encoding = (typeof ENCODINGS)[number];

const UTF8_MARK = Buffer.from("\ufeff");

/**
 * What the first bytes tell: a byte order mark, or UTF-16 without one (every other byte of Western text is then 0).
 * @returns undefined when the whole file has to tell
 */
export function encodingOfStart(start: Buffer): Encoding | undefined {
  if (start[0] === 0xff && start[1] === 0xfe) return "utf-16le";
  if (start[0] === 0xfe && start[1] === 0xff) return "utf-16be";
  if (start.subarray(0, 3).equals(UTF8_MARK)) return "utf-8";
  const pairs = Math.floor(start.length / 2);
  const zeros = { even: 0, odd: 0 };
  for (let at = 0; at < pairs * 2; at++) if (start[at] === 0) zeros[at % 2 === 0 ? "even" : "odd"]++;
  if (zeros.odd > pairs * 0.4 && zeros.even < pairs * 0.05) return "utf-16le";
  return zeros.even > pairs * 0.4 && zeros.odd < pairs * 0.05 ? "utf-16be" : undefined;
}

/** Lines with accents that settle it. */
const ENOUGH = 2_000;
const LONGEST_LINE = 1024 * 1024;

/**
 * Tells UTF-8 from Windows-1252, which a Dutch Excel writes: by all lines with accents, or by most of them. So a few lines
 * in another encoding, pasted into a UTF-8 file, are rejected by themselves; reading all of it as Windows-1252 for their
 * sake would turn every accent in the file into two strange characters.
 */
export class Utf8Evidence {
  #tail: Buffer = Buffer.alloc(0);
  #valid = 0;
  #invalid = 0;

  see(chunk: Buffer): void {
    if (this.#valid + this.#invalid >= ENOUGH) return;
    const bytes = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk]);
    const cut = bytes.lastIndexOf(lineFeed(bytes)) + 1;
    this.#count(bytes.subarray(0, cut));
    const isTooLong = bytes.length - cut > LONGEST_LINE; // it will be rejected, whatever its encoding
    this.#tail = isTooLong ? Buffer.alloc(0) : bytes.subarray(cut);
  }

  /** Call once, when all was seen. */
  isUtf8(): boolean {
    this.#count(this.#tail);
    return this.#invalid === 0 || this.#valid > this.#invalid;
  }

  #count(lines: Buffer): void {
    if (isAscii(lines)) return;
    const feed = lineFeed(lines);
    for (let at = 0; at < lines.length; ) {
      const end = lines.indexOf(feed, at) + 1 || lines.length;
      const line = lines.subarray(at, end);
      if (!isUtf8(line)) this.#invalid++;
      else if (!isAscii(line)) this.#valid++;
      at = end;
    }
  }
}

/** LF, or CR where there is none (old Macs). */
function lineFeed(bytes: Buffer): number {
  return bytes.includes(10) ? 10 : 13;
}

/**
 * The file as UTF-8 without a byte order mark. UTF-8 itself passes as it is: its rows are checked one by one.
 * @throws UserError for what is not UTF-16 and should be
 */
export async function* asUtf8(
  name: string,
  chunks: AsyncIterable<Buffer>,
  encoding: Encoding,
): AsyncGenerator<Buffer> {
  if (encoding.startsWith("utf-16")) return yield* fromUtf16(name, chunks, encoding);
  let isFirst = true;
  for await (const chunk of chunks) {
    if (encoding === "windows-1252") yield Buffer.from(fromWindows1252(chunk));
    else yield isFirst && chunk.subarray(0, 3).equals(UTF8_MARK) ? chunk.subarray(3) : chunk;
    isFirst = false;
  }
}

async function* fromUtf16(
  name: string,
  chunks: AsyncIterable<Buffer>,
  encoding: Encoding,
): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const decode = (chunk?: Buffer) => {
    try {
      return Buffer.from(chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true }));
    } catch {
      throw new UserError(`${name} is not valid ${encoding}`, {
        hint: "Leave --encoding out, or export the file again as UTF-8.",
      });
    }
  };
  for await (const chunk of chunks) yield decode(chunk);
  yield decode();
}

// The bytes 0x80 to 0x9f, by the WHATWG's index-windows-1252; the others are Latin-1's. Not with TextDecoder: from Node
// 20.18.3 on it reads them as control characters (nodejs/node#56542), so that every € is lost.
const WINDOWS_1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

/** Windows-1252 as text; each byte is a character. */
export function fromWindows1252(bytes: Buffer): string {
  return bytes
    .toString("latin1")
    .replace(/[\x80-\x9f]/g, (each) => WINDOWS_1252[each.charCodeAt(0) - 0x80] as string);
}
