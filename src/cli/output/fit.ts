import { widthOf } from "./width.ts";

/** Between two columns of a table. */
export const GAP = "  ";
const NARROWEST = 8;

/** How wide each column is with the longest of its cells; the first line is the header. */
export function naturalWidths(lines: readonly (readonly string[])[]): number[] {
  const widths = (lines[0] ?? []).map(() => 0);
  for (const line of lines) {
    for (const [at, cell] of line.entries()) widths[at] = Math.max(widths[at] as number, widthOf(cell));
  }
  return widths;
}

/**
 * The widths that fit a terminal. The widest columns give way first, to 8 at the least; firm ones never do.
 * @param terminal its columns; undefined leaves all as they are
 */
export function fitted(
  natural: readonly number[],
  firm: readonly boolean[],
  terminal: number | undefined,
): number[] {
  const gaps = GAP.length * Math.max(0, natural.length - 1);
  if (terminal === undefined || sum(natural) + gaps <= terminal) return [...natural];
  const widths = [...natural];
  const soft = [...natural.keys()].filter((at) => firm[at] !== true);
  const narrowFirst = soft.toSorted((a, b) => (natural[a] as number) - (natural[b] as number));
  let room = terminal - gaps - sum(natural.filter((_, at) => firm[at] === true));
  for (const [done, at] of narrowFirst.entries()) {
    const share = Math.max(NARROWEST, Math.floor(room / (soft.length - done)));
    const width = Math.min(natural[at] as number, share);
    widths[at] = width;
    room -= width;
  }
  return widths;
}

function sum(widths: readonly number[]): number {
  return widths.reduce((total, width) => total + width, 0);
}
