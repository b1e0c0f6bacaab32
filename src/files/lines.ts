import { chunksOf, type Source } from "./source.ts";

const LF = 10;

/** A line of a file, without its end; bytes undefined: it is longer than asked for, and was not kept. */
export interface Line {
  line: number;
  bytes: Buffer | undefined;
}

/** The lines of a file that are not empty; no more than one of them and a chunk is held at a time. @param longest bytes */
export async function* linesOf(source: Source, longest: number): AsyncGenerator<Line> {
  let open: Buffer[] = [];
  let length = 0;
  let line = 1;
  const closed = (): Line => ({ line, bytes: length > longest ? undefined : Buffer.concat(open, length) });
  for await (const chunk of chunksOf(source)) {
    for (let from = 0; from < chunk.length; ) {
      const end = chunk.indexOf(LF, from);
      const part = chunk.subarray(from, end < 0 ? chunk.length : end);
      length += part.length;
      if (length <= longest) open.push(part);
      else open = [];
      from += part.length + 1;
      if (end < 0) continue;
      if (length > 0) yield closed();
      open = [];
      length = 0;
      line++;
    }
  }
  if (length > 0) yield closed();
}

/** A line as text, without a byte order mark and the white space around it. */
export function textOfLine(bytes: Buffer): string {
  return bytes
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .trim();
}
