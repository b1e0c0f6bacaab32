import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { worker } from "../../src/db/identity.ts";
import { createTestDatabase } from "../support/database.ts";
import {
  clock,
  dateOf,
  type Hours,
  hoursAsJson,
  localOf,
  MINUTE,
  minutesOf,
  moment,
  openStretches,
  zone,
} from "./zones.ts";

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url });
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const AMSTERDAM = "Europe/Amsterdam";

async function instant(expression: string, ...parameters: unknown[]): Promise<string | null> {
  const row = await database.transaction(worker, (tx) =>
    tx.one<{ at: Date | null }>(`select ${expression} as at`, parameters),
  );
  return row?.at?.toISOString() ?? null;
}

const businessTime = (at: string, hours: object, zone = AMSTERDAM) =>
  instant("next_business_time($1, $2, $3)", at, JSON.stringify(hours), zone);
const loudTime = (at: string, from: string | null, to: string | null, zone = AMSTERDAM) =>
  instant("next_loud_time($1, $2, $3, $4)", at, from, to, zone);
const utc = (time: string) => new Date(time).toISOString();

const minuteOfDay = fc.integer({ min: 0, max: 1439 });
const window = fc.tuple(minuteOfDay, fc.integer({ min: 0, max: 1440 })).filter(([from, to]) => from !== to);
const windows = fc.array(window, { maxLength: 2 });

describe("next_business_time", () => {
  const office = {
    mon: [["09:00", "17:30"]],
    fri: [
      ["09:00", "12:00"],
      ["13:00", "17:30"],
    ],
    sat: [["22:00", "02:00"]],
  };

  it.each([
    ["inside a window it is that moment", "2026-11-27T10:15:30+01:00", "2026-11-27T10:15:30+01:00"],
    ["at the opening it is that moment", "2026-11-27T09:00:00+01:00", "2026-11-27T09:00:00+01:00"],
    ["before it, the opening", "2026-11-27T06:00:00+01:00", "2026-11-27T09:00:00+01:00"],
    ["at the close, the next opening", "2026-11-27T12:00:00+01:00", "2026-11-27T13:00:00+01:00"],
    ["after the last window, another day's", "2026-11-29T18:00:00+01:00", "2026-11-30T09:00:00+01:00"],
    ["over midnight the window goes on", "2026-11-29T01:59:00+01:00", "2026-11-29T01:59:00+01:00"],
    ["and ends on the day after", "2026-11-29T02:00:00+01:00", "2026-11-30T09:00:00+01:00"],
  ])("%s", async (_what, at, expected) => {
    expect(await businessTime(at, office)).toBe(utc(expected));
  });

  it("is at once where no hours are set, whatever the holidays", async () => {
    const at = utc("2026-12-25T03:00:00+01:00");
    for (const hours of [{}, { mon: [] }, { holidays: ["2026-12-25"] }])
      expect(await businessTime(at, hours)).toBe(at);
  });

  it("passes over a holiday, but not over what began the day before", async () => {
    const hours = { ...office, holidays: ["2026-11-27", "2026-11-29", "2026-11-30"] };
    expect(await businessTime("2026-11-27T10:00:00+01:00", hours)).toBe(utc("2026-11-28T22:00:00+01:00"));
    expect(await businessTime("2026-11-29T01:00:00+01:00", hours)).toBe(utc("2026-11-29T01:00:00+01:00"));
    expect(await businessTime("2026-11-29T03:00:00+01:00", hours)).toBe(utc("2026-12-04T09:00:00+01:00"));
  });

  it("is never when every open day of a year is a holiday", async () => {
    const holidays = Array.from({ length: 400 }, (_, i) =>
      dateOf(Date.parse("2026-11-01") + i * 1440 * MINUTE),
    );
    expect(await businessTime("2026-11-27T10:00:00+01:00", { ...office, holidays })).toBeNull();
  });

  it.each([
    [
      "an opening that is skipped comes an hour later",
      { sun: [["02:30", "12:00"]] },
      "2026-03-29T00:00:00Z",
      "2026-03-29T01:30:00Z",
    ],
    [
      "an opening that comes twice is the second",
      { sun: [["02:30", "12:00"]] },
      "2026-10-25T00:00:00Z",
      "2026-10-25T01:30:00Z",
    ],
    [
      "a close that comes twice is the second",
      { sun: [["01:00", "02:30"]] },
      "2026-10-25T01:29:00Z",
      "2026-10-25T01:29:00Z",
    ],
    [
      "a window that is skipped moves as a whole",
      { sun: [["02:10", "02:20"]] },
      "2026-03-29T01:05:00Z",
      "2026-03-29T01:10:00Z",
    ],
    [
      "one that would end before it begins is none",
      { sun: [["02:30", "03:10"]] },
      "2026-03-29T01:00:00Z",
      "2026-04-05T00:30:00Z",
    ],
  ])("when the clocks change: %s", async (_what, hours, at, expected) => {
    expect(await businessTime(at, hours)).toBe(utc(expected));
  });

  it("is the first open minute from the given one on, in any zone, over any clock change", async () => {
    const hours: fc.Arbitrary<Hours> = fc.record({
      days: fc.record({
        sun: windows,
        mon: windows,
        tue: windows,
        wed: windows,
        thu: windows,
        fri: windows,
        sat: windows,
      }),
      holidays: fc.uniqueArray(moment.map(dateOf), { maxLength: 3 }),
    });
    const anyOpen = ({ days }: Hours) => Object.values(days).some((list) => list.length > 0);
    await fc.assert(
      fc.asyncProperty(moment, hours.filter(anyOpen), zone, async (at, given, place) => {
        const stretches = openStretches(given, place, at, 40).filter(
          ({ opens, closes }) => opens < closes && closes > at,
        );
        const first = Math.min(...stretches.map(({ opens }) => Math.max(opens, at)));
        const next = Date.parse(
          (await instant(
            "next_business_time($1, $2, $3)",
            new Date(at),
            hoursAsJson(given),
            place,
          )) as string,
        );
        expect(next).toBeGreaterThanOrEqual(at);
        expect(stretches.some(({ opens, closes }) => opens <= next && next < closes)).toBe(true);
        expect(new Date(next)).toEqual(new Date(first));
      }),
      { numRuns: 300 },
    );
  });
});

describe("next_loud_time", () => {
  it.each([
    ["by day it is that moment", "2026-11-27T12:00:30+01:00", "2026-11-27T12:00:30+01:00"],
    ["in the evening, the next morning", "2026-11-27T22:00:00+01:00", "2026-11-28T08:00:00+01:00"],
    ["after midnight, this morning", "2026-11-28T01:00:00+01:00", "2026-11-28T08:00:00+01:00"],
    ["at the end it is that moment", "2026-11-28T08:00:00+01:00", "2026-11-28T08:00:00+01:00"],
    ["over New Year", "2026-12-31T23:30:00+01:00", "2027-01-01T08:00:00+01:00"],
    ["in the night of 23 hours", "2026-03-28T23:00:00+01:00", "2026-03-29T08:00:00+02:00"],
    ["in the night of 25 hours", "2026-10-24T23:00:00+02:00", "2026-10-25T08:00:00+01:00"],
  ])("with quiet hours from 22:00 to 08:00: %s", async (_what, at, expected) => {
    expect(await loudTime(at, "22:00", "08:00")).toBe(utc(expected));
  });

  it("is that moment without quiet hours, or with none in them", async () => {
    const at = utc("2026-11-27T23:00:00+01:00");
    expect(await loudTime(at, null, null)).toBe(at);
    expect(await loudTime(at, "08:00", "08:00")).toBe(at);
  });

  it("knows quiet hours within a day", async () => {
    expect(await loudTime("2026-11-27T12:15:00+01:00", "12:00", "13:00")).toBe(
      utc("2026-11-27T13:00:00+01:00"),
    );
    expect(await loudTime("2026-11-27T23:15:00+01:00", "12:00", "13:00")).toBe(
      utc("2026-11-27T23:15:00+01:00"),
    );
  });

  it("waits for another day when the clocks skip the loud hours of this one", async () => {
    expect(await loudTime("2026-03-29T00:00:00Z", "03:15", "02:30")).toBe(utc("2026-03-30T00:30:00Z"));
  });

  it("is never before the given moment, never quiet, and skips nothing loud but what a clock change moves", async () => {
    await fc.assert(
      fc.asyncProperty(moment, window, zone, async (at, [from, until], place) => {
        const to = until % 1440;
        const isQuiet = (time: number) => {
          const minutes = minutesOf(localOf(time, place));
          return from < to ? minutes >= from && minutes < to : from > to && (minutes >= from || minutes < to);
        };
        const loud = await loudTime(new Date(at).toISOString(), clock(from), clock(to), place);
        const next = Date.parse(loud as string);
        expect(next).toBeGreaterThanOrEqual(at);
        expect(isQuiet(next)).toBe(false);
        if (!isQuiet(at)) expect(next).toBe(at);
        const between = Array.from({ length: (next - at) / MINUTE }, (_, i) => at + i * MINUTE);
        const offsets = new Set(between.map((time) => localOf(time, place) - time));
        expect(between.filter((time) => !isQuiet(time)).length).toBeLessThanOrEqual(
          offsets.size > 1 ? 60 : 0,
        );
      }),
      { numRuns: 300 },
    );
  });
});
