import { writeSync } from "node:fs";
import { ExitCode } from "../../errors.ts";

const guarded = new WeakSet<NodeJS.WritableStream>();

/**
 * Ends the program when its reader has gone. `| head -1` closes the pipe: nobody wants the rest, so it ends
 * quietly with 0, as gh does. A full disk behind a redirect is told in one line, with 1.
 * @returns the stream, guarded once however often it is asked for
 */
export function guardPipe<Stream extends NodeJS.WritableStream>(stream: Stream): Stream {
  if (guarded.has(stream)) return stream;
  guarded.add(stream);
  return stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(ExitCode.Done);
    complain(`error: the output cannot be written (${error.code ?? error.message})\n`);
    process.exit(ExitCode.Failed);
  });
}

/** Straight to stderr: it may be the very stream that fails. */
function complain(text: string): void {
  try {
    writeSync(2, text);
  } catch {}
}
