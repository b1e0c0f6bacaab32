const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const LEVELS = "▁▂▃▄▅▆▇█";

/**
 * A bar as long as its share of the greatest value: at least a sliver where there is something, nothing for nothing.
 * @param share 0 to 1
 * @param cells of the terminal, for a share of 1
 */
export function bar(share: number, cells: number): string {
  if (!(share > 0)) return "";
  const eighths = Math.max(1, Math.round(Math.min(1, share) * cells * 8));
  return "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

/**
 * A line of values, one character each, the greatest as high as a character goes. More values than cells are
 * added up in equal runs, so that none is left out.
 * @param values none negative
 */
export function sparkline(values: readonly number[], cells: number): string {
  const sums = inRuns(values, cells);
  const most = Math.max(0, ...sums);
  return sums
    .map((value) => (value <= 0 ? " " : LEVELS[Math.ceil((value / most) * LEVELS.length) - 1]))
    .join("");
}

function inRuns(values: readonly number[], cells: number): number[] {
  const length = Math.max(1, Math.ceil(values.length / Math.max(1, cells)));
  const runs = Math.ceil(values.length / length);
  return Array.from({ length: runs }, (_, at) =>
    values.slice(at * length, (at + 1) * length).reduce((sum, value) => sum + value, 0),
  );
}
