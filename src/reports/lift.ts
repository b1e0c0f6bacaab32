/** How much more often something came about in one group than in another, in percentage points. */
export interface Lift {
  points: number;
  /** the difference lies between these two, in 95 of 100 such tests */
  low: number;
  high: number;
}

/** `some` of `of` people. */
export interface Share {
  some: number;
  of: number;
}

/** Of the standard normal distribution, for 95 %. */
const Z = 1.959_963_984_540_054;

/**
 * The difference of two shares with its 95 % interval, by Newcombe's hybrid score method (Statistics in Medicine 17, 1998,
 * method 10): it holds for small groups and for shares near 0 and 1, where the usual one does not.
 * @returns null where a group is empty
 */
export function liftOf(share: Share, baseline: Share): Lift | null {
  if (share.of === 0 || baseline.of === 0) return null;
  const [a, b] = [share.some / share.of, baseline.some / baseline.of];
  const [ours, theirs] = [wilson(share), wilson(baseline)];
  return {
    points: points(a - b),
    low: points(a - b - Math.hypot(a - ours.low, theirs.high - b)),
    high: points(a - b + Math.hypot(ours.high - a, b - theirs.low)),
  };
}

/** Wilson's score interval of one share. */
function wilson({ some, of }: Share): { low: number; high: number } {
  const centre = some + (Z * Z) / 2;
  const reach = Z * Math.sqrt((some * (of - some)) / of + (Z * Z) / 4);
  return { low: (centre - reach) / (of + Z * Z), high: (centre + reach) / (of + Z * Z) };
}

function points(share: number): number {
  return Math.round(10_000 * share) / 100;
}
