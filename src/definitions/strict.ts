import { z } from "zod";
import { toldAs } from "./json-schema.ts";

/** What an "unknown field" issue carries, so that the nearest known name can be suggested. */
export interface KnownFields {
  known: string[];
}

/** A strict object whose "unknown field" issues carry the names that it knows. */
export function strictObject<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code === "unrecognized_keys") Object.assign(issue, { known } satisfies KnownFields);
      return undefined;
    },
  });
}

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

/** `10m`, `12h`, `7d` (also s and w) in seconds. @returns undefined for anything else */
export function durationSeconds(text: string): number | undefined {
  const match = /^(\d{1,6})(s|m|h|d|w)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
}

const DURATION = "write a duration such as 10m, 12h or 7d";
const TIME_OF_DAY = "write a time such as 22:00";

/** A length of time as people write it: `10m`, `12h`, `7d`; more than nothing. */
export const duration = toldAs(
  z.string(DURATION).refine((text) => (durationSeconds(text) ?? 0) > 0, DURATION),
  (own) => ({ ...own, pattern: "^[0-9]{1,6}[smhdw]$" }),
);

/** A local time of day, `22:00`. */
export const timeOfDay = z.string(TIME_OF_DAY).regex(/^([01]\d|2[0-3]):[0-5]\d$/, TIME_OF_DAY);

const POINT =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,6})?)?(?:Z|[+-](\d{2}):?(\d{2}))?$/;

/**
 * A point in time: ISO 8601; with an offset or Z an instant, without one local to the definition's time zone (PostgreSQL:
 * adsapp_local_instant). YAML's core schema leaves it text; the library may give a Date.
 */
export const pointInTime = toldAs(
  z
    .union([z.date().transform((date) => date.toISOString()), z.string()])
    .refine(
      isPointInTime,
      "write a time such as 2026-11-27T10:00:00 (local to timezone) or 2026-11-27T09:00:00Z",
    ),
  () => ({ type: "string", pattern: POINT.source.replaceAll("\\d", "[0-9]") }),
);

/** Days that a calendar has, hours that a day has: PostgreSQL refuses others, and only once it is too late. */
function isPointInTime(text: string): boolean {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, offsetHours = 0, offsetMinutes = 0] =
    (POINT.exec(text) ?? []).slice(1).map((part) => Number(part ?? 0));
  const date = new Date(Date.UTC(year, month - 1, day));
  const exists = year >= 1970 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists && hour < 24 && minute < 60 && second < 60 && offsetHours <= 14 && offsetMinutes < 60;
}
