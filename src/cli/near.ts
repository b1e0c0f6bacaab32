const LONGEST = 64;
const MOST = 2_000;
/** A name that begins with the word is nearer than one with a slip in it, and further than the word itself. */
const BEGINS = 0.5;

/**
 * The names nearest to a word that was not found: by the slips between them (a letter too many, missing, wrong, or
 * two that changed places), without regard to case and accents. Looks at the first 2,000 names and 64 characters.
 * @returns at most `max`, best first; none when nothing is near
 */
export function nearest(word: string, candidates: readonly string[], max = 2): string[] {
  const wanted = folded(word);
  if (wanted === "") return [];
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  return [...new Set(candidates.slice(0, MOST))]
    .map((name) => ({ name, distance: distance(wanted, folded(name), limit) }))
    .filter((found) => found.distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, max)
    .map(({ name }) => name);
}

function folded(text: string): string {
  return text.slice(0, LONGEST).normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
}

function distance(wanted: string, name: string, limit: number): number {
  if (name !== wanted && wanted.length > 2 && name.startsWith(wanted)) return BEGINS;
  return Math.abs(name.length - wanted.length) > limit ? Number.POSITIVE_INFINITY : slips(wanted, name);
}

/** Edit distance with swaps of neighbours (Damerau's, each place touched once), three rows at a time. */
function slips(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(row, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swaps = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = swaps ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(replaced, at(row, j) + 1, at(next, j - 1) + 1, swapped));
    }
    before = row;
    row = next;
  }
  return at(row, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] as number;
}
