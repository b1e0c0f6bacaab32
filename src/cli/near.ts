const LONGEST = 64;
const MOST = 2_000;

/**
 * The names nearest to a word that was not found: by edit distance, without regard to case and accents.
 * @returns at most `most`, best first; none when nothing is near
 */
export function nearest(word: string, candidates: readonly string[], most = 2): string[] {
  const wanted = folded(word);
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  return candidates
    .slice(0, MOST)
    .map((name) => ({ name, distance: folded(name).startsWith(wanted) && wanted.length > 2 ? 0.5 : editDistance(wanted, folded(name)) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ name }) => name);
}

function folded(text: string): string {
  return text.slice(0, LONGEST).normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Levenshtein's, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
