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
  if (terminal === undefined || widthOfLine(natural) <= terminal) return [...natural];
  const gaps = GAP.length * (natural.length - 1);
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

/** What a column needs where room is short. */
export interface Need {
  /** with the longest of its cells, and its title */
  natural: number;
  /** with the longest word of its title */
  least: number;
  firm: boolean;
  wraps: boolean;
  yields: number | undefined;
}

/** From here on a text that is cut, or that goes on below, is worth reading. */
const READABLE = { cut: 16, wrapped: 26 };

/**
 * Which columns a terminal has room for, with titles in several lines and texts cut: those that yield go one by one, lower
 * ones first, until the others fit. @returns their places
 */
export function withRoom(needs: readonly Need[], terminal: number | undefined): number[] {
  const all = [...needs.keys()];
  if (terminal === undefined) return all;
  const least = ({ firm, least, natural, wraps }: Need) =>
    firm ? least : Math.min(natural, wraps ? READABLE.wrapped : READABLE.cut);
  const fits = (places: readonly number[]) =>
    widthOfLine(places.map((at) => least(needs[at] as Need))) <= terminal;
  const yielding = all.filter((at) => needs[at]?.yields !== undefined);
  const inOrder = yielding.toSorted((a, b) => Number(needs[a]?.yields) - Number(needs[b]?.yields));
  const gone = inOrder.findIndex((_, n) => fits(all.filter((at) => !inOrder.slice(0, n).includes(at))));
  const left = new Set(inOrder.slice(0, gone === -1 ? undefined : gone));
  return all.filter((at) => !left.has(at));
}

/** Of columns of these widths, with the gaps between them. */
export function widthOfLine(widths: readonly number[]): number {
  return sum(widths) + GAP.length * Math.max(0, widths.length - 1);
}

function sum(widths: readonly number[]): number {
  return widths.reduce((total, width) => total + width, 0);
}
