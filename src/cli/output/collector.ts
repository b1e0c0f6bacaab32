import { Writable } from "node:stream";
import type { OutputOptions } from "./output.ts";

/** A stdout that keeps its text, as wide as the terminal that the text is for. */
export function collector({ columns, isTTY }: OutputOptions["stdout"]) {
  const pieces: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      pieces.push(String(chunk));
      done();
    },
  });
  return { pieces, stream: Object.assign(stream, { columns, isTTY }) as OutputOptions["stdout"] };
}
