// Lines of UTF-8 bytes; they end in LF, CRLF or CR.
const LF = 10;
const CR = 13;

/** Up to and with the last line end, or 0. Without any LF the last byte does not count: it may be half a CRLF. */
export function endOfLastLine(bytes: Buffer): number {
  return bytes.lastIndexOf(LF) + 1 || bytes.subarray(0, -1).lastIndexOf(CR) + 1;
}

/** Up to the first line end, without it. */
export function endOfLine(bytes: Buffer): number {
  const lf = bytes.indexOf(LF);
  const line = lf < 0 ? bytes : bytes.subarray(0, lf);
  const cr = line.indexOf(CR);
  return cr < 0 ? line.length : cr;
}

/** Where the line ends that stand here are over. */
export function skipBreaks(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === LF || bytes[at] === CR) at++;
  return at;
}

/** How many line ends there are between two offsets; CRLF is one. */
export function countBreaks(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) {
    if (bytes[at] === CR || (bytes[at] === LF && (at === from || bytes[at - 1] !== CR))) count++;
  }
  return count;
}
