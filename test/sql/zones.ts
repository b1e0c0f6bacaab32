// Local times as adsapp promises them, computed without PostgreSQL: a time that a clock change skips is as much later,
// one that comes twice is the later of the two.
import fc from "fast-check";
import { IANAZone } from "luxon";

export const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Minutes since midnight as `HH:MM`; 1440 is 24:00. */
export function clock(minutes: number): string {
  const pad = (n: number) => String(n).padStart(2, "0");
  return `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

/** A local time is written as the instant at which UTC's clocks show it. */
export function instantOf(local: number, zone: string): number {
  const offsetAt = (instant: number) => IANAZone.create(zone).offset(instant) * MINUTE;
  const readings = [offsetAt(local - DAY), offsetAt(local + DAY)].map((offset) => local - offset);
  const real = readings.filter((instant) => instant + offsetAt(instant) === local);
  return Math.max(...(real.length > 0 ? real : readings));
}

export function localOf(instant: number, zone: string): number {
  return instant + IANAZone.create(zone).offset(instant) * MINUTE;
}

export const midnightOf = (local: number) => Math.floor(local / DAY) * DAY;
export const minutesOf = (local: number) => Math.floor((local - midnightOf(local)) / MINUTE);
export const dateOf = (local: number) => new Date(local).toISOString().slice(0, 10);

const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;

export interface Hours {
  /** windows of each weekday, in minutes since midnight; one that ends before it starts runs over midnight */
  days: Partial<Record<(typeof WEEKDAYS)[number], [from: number, to: number][]>>;
  holidays: string[];
}

/** As organizations.business_hours has it. */
export function hoursAsJson({ days, holidays }: Hours): string {
  const windows = Object.entries(days).map(([day, list]) => [day, list.map((window) => window.map(clock))]);
  return JSON.stringify({ ...Object.fromEntries(windows), holidays });
}

/** Every stretch of time that is open, from two days before an instant to `length` days after it. */
export function openStretches(hours: Hours, zone: string, around: number, length: number) {
  const first = midnightOf(localOf(around, zone)) - 2 * DAY;
  return Array.from({ length: length + 3 }, (_, i) => first + i * DAY)
    .filter((midnight) => !hours.holidays.includes(dateOf(midnight)))
    .flatMap((midnight) =>
      (hours.days[WEEKDAYS[new Date(midnight).getUTCDay()] as "sun"] ?? []).map(([from, to]) => ({
        opens: instantOf(midnight + from * MINUTE, zone),
        closes: instantOf(midnight + to * MINUTE + (to <= from ? DAY : 0), zone),
      })),
    );
}

/** Moments about the clock changes of 2026 in some zones, and any others of that year. */
export const moment = fc
  .tuple(
    fc.constantFrom(
      "2026-03-29T01:00Z",
      "2026-10-25T01:00Z",
      "2026-04-04T15:00Z",
      "2026-11-01T06:00Z",
      "2026-12-31T23:00Z",
    ),
    fc.integer({ min: -3 * 1440, max: 3 * 1440 }),
  )
  .map(([about, minutes]) => Date.parse(about) + minutes * MINUTE);
export const zone = fc.constantFrom(
  "Europe/Amsterdam",
  "America/New_York",
  "Australia/Lord_Howe",
  "Asia/Kathmandu",
  "UTC",
);
