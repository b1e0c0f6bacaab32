import { chunksOf, type Source } from "../contacts/csv/source.ts";

/** No event is as large as that, in bytes. */
export const LONGEST_LINE = 1024 * 1024;
const LF = 10;

/** A line of a file; text undefined: it is longer than any event, and was not kept. */
export interface Line {
  line: number;
  text: string | undefined;
}

/** The lines of a file that are not blank; no more than one of them and a chunk is held at a time. */
export async function* linesOf(source: Source): AsyncGenerator<Line> {
  let open: Buffer[] = [];
  let bytes = 0;
  let line = 1;
  for await (const chunk of chunksOf(source)) {
    for (let from = 0; from < chunk.length; ) {
      const end = chunk.indexOf(LF, from);
      const part = chunk.subarray(from, end < 0 ? chunk.length : end);
      bytes += part.length;
      if (bytes <= LONGEST_LINE) open.push(part);
      else open = [];
      from += part.length + 1;
      if (end < 0) continue;
      if (bytes > 0) yield { line, text: textOf(open, bytes) };
      open = [];
      bytes = 0;
      line++;
    }
  }
  if (bytes > 0) yield { line, text: textOf(open, bytes) };
}

function textOf(parts: readonly Buffer[], bytes: number): string | undefined {
  return bytes > LONGEST_LINE
    ? undefined
    : Buffer.concat(parts)
        .toString("utf8")
        .replace(/^\ufeff/, "")
        .trim();
}
