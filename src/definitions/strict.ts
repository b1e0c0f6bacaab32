import { z } from "zod";

/** A strict object whose "unknown field" issues carry the known names, so that the nearest can be suggested. */
export function strictObject<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code === "unrecognized_keys") (issue as { known?: string[] }).known = known;
      return issue.input === undefined ? "is missing" : undefined;
    },
  });
}

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

/** `10m`, `12h`, `7d` in seconds. @returns undefined for anything else */
export function durationSeconds(text: string): number | undefined {
  const match = /^(\d{1,6})(s|m|h|d|w)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
}

export const duration = z.string().refine((text) => durationSeconds(text) !== undefined, "write a duration such as 10m, 12h or 7d");

/** A local time of day, `22:00`. */
export const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "write a time such as 22:00, in quotes");

/**
 * A point in time: ISO 8601, with an offset or Z an instant, without one local to the definition's time zone. YAML's
 * core schema leaves it text; the library may give a Date.
 */
export const pointInTime = z.union([z.date().transform((date) => date.toISOString()), z.string()]).refine(
  (text) => /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?$/.test(text) && !Number.isNaN(Date.parse(text.replace(" ", "T"))),
  "write a time such as 2026-11-27T10:00:00 (local to `timezone`) or 2026-11-27T09:00:00Z",
);
