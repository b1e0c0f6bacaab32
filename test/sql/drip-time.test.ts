import fc from "fast-check";
import { DateTime } from "luxon";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { worker } from "../../src/db/identity.ts";
import { createTestDatabase } from "../support/database.ts";
import { clock, dateOf, type Hours, hoursAsJson, MINUTE, moment, openStretches, zone } from "./zones.ts";

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
const NEW_YORK = "America/New_York";
const utc = (time: string) => new Date(time).toISOString();
type DelayType = "minutes" | "hours" | "days" | "weeks";

interface Due {
  due: string;
  /** minutes */
  shift: number;
}

async function stepTime(
  from: string | Date,
  value: number,
  type: DelayType,
  given: { sendAt?: string; zone?: string; shift?: number } = {},
): Promise<Due> {
  const row = await database.transaction(worker, (tx) =>
    tx.one<{ due: Date; shift: number }>(
      "select due, extract(epoch from gap_shift) / 60 as shift from next_step_time($1, make_interval(mins => $2), $3, $4, $5, $6)",
      [from, given.shift ?? 0, type, value, given.sendAt ?? null, given.zone ?? AMSTERDAM],
    ),
  );
  return { due: row?.due.toISOString() ?? "", shift: Number(row?.shift) };
}

const stepHour = async (at: string | Date, sendAt: string | null, hours: string | null, place = AMSTERDAM) =>
  (
    await database.transaction(worker, (tx) =>
      tx.one<{ at: Date }>("select next_step_hour($1, $2, $3, $4) as at", [at, sendAt, hours, place]),
    )
  )?.at.toISOString();

describe("a step's time over the DST weekends", () => {
  it.each([
    ["Amsterdam", AMSTERDAM, "2026-03-28T02:30+01:00", "2026-03-29T03:30+02:00", "2026-03-30T02:30+02:00"],
    ["New York", NEW_YORK, "2026-03-07T02:30-05:00", "2026-03-08T03:30-04:00", "2026-03-09T02:30-04:00"],
  ])(
    "%s in spring: 02:30 becomes 03:30 once, and is 02:30 again the day after",
    async (_city, place, from, gap, after) => {
      const first = await stepTime(from, 1, "days", { zone: place });
      expect(first).toEqual({ due: utc(gap), shift: 60 });
      const next = await stepTime(first.due, 1, "days", { zone: place, shift: first.shift });
      expect(next).toEqual({ due: utc(after), shift: 0 });
      const week = await stepTime(first.due, 1, "weeks", { zone: place, shift: first.shift });
      expect(week.due).toBe(new Date(Date.parse(utc(after)) + 6 * 1440 * MINUTE).toISOString());
    },
  );

  it.each([
    ["Amsterdam", AMSTERDAM, "2026-10-24T02:30+02:00", "2026-10-25T02:30+01:00"],
    ["New York", NEW_YORK, "2026-10-31T01:30-04:00", "2026-11-01T01:30-05:00"],
  ])("%s in autumn: an hour that exists twice takes the second", async (_city, place, from, second) => {
    expect(await stepTime(from, 1, "days", { zone: place })).toEqual({ due: utc(second), shift: 0 });
    const [, time = ""] = /T(\d\d:\d\d)/.exec(from) ?? [];
    expect((await stepTime(from, 1, "days", { zone: place, sendAt: time })).due).toBe(utc(second));
  });

  it("forgets the shift of a step that went out later than in the hour it was moved to", async () => {
    const late = await stepTime("2026-03-29T09:00+02:00", 1, "days", { shift: 60 });
    expect(late.due).toBe(utc("2026-03-30T09:00+02:00"));
    const inTheHour = await stepTime("2026-03-29T03:59:59+02:00", 1, "days", { shift: 60 });
    expect(inTheHour.due).toBe(utc("2026-03-30T02:59:59+02:00"));
  });

  it.each([
    ["spring", "2026-03-28T12:00+01:00"],
    ["autumn", "2026-10-24T12:00+02:00"],
  ])("in %s minutes and hours are exact, days and weeks keep the local time", async (_season, from) => {
    const later = (minutes: number) => new Date(Date.parse(utc(from)) + minutes * MINUTE).toISOString();
    expect((await stepTime(from, 24, "hours")).due).toBe(later(1440));
    expect((await stepTime(from, 1440, "minutes")).due).toBe(later(1440));
    for (const [value, type] of [
      [1, "days"],
      [1, "weeks"],
    ] as const) {
      const { due } = await stepTime(from, value, type);
      expect(DateTime.fromISO(due, { zone: AMSTERDAM }).toFormat("HH:mm")).toBe("12:00");
    }
  });
});

describe("sendAt", () => {
  it.each([
    ["on the local day on which days end", 2, "days", "2026-11-27T15:00", "10:00", "2026-11-29T10:00"],
    ["on that day later, too", 2, "days", "2026-11-27T09:00", "10:00", "2026-11-29T10:00"],
    ["of weeks likewise", 1, "weeks", "2026-11-27T15:00", "10:00", "2026-12-04T10:00"],
    ["today where it is still to come", 0, "days", "2026-11-27T09:00", "10:00", "2026-11-27T10:00"],
    ["tomorrow where it has gone by", 0, "days", "2026-11-27T10:01", "10:00", "2026-11-28T10:00"],
    ["the very moment", 0, "days", "2026-11-27T10:00", "10:00", "2026-11-27T10:00"],
    [
      "after minutes the first one after them",
      30,
      "minutes",
      "2026-11-27T09:45",
      "10:00",
      "2026-11-28T10:00",
    ],
    ["after hours the first one after them", 2, "hours", "2026-11-27T07:00", "10:00", "2026-11-27T10:00"],
    ["over new year", 1, "days", "2026-12-31T23:30", "00:15", "2027-01-01T00:15"],
  ] as const)("is %s", async (_what, value, type, from, sendAt, expected) => {
    expect((await stepTime(`${from}+01:00`, value, type, { sendAt })).due).toBe(utc(`${expected}+01:00`));
  });

  it("moves forward out of the hour that does not exist", async () => {
    const step = await stepTime("2026-03-27T12:00+01:00", 2, "days", { sendAt: "02:30" });
    expect(step).toEqual({ due: utc("2026-03-29T03:30+02:00"), shift: 60 });
  });
});

describe("the calendar", () => {
  it.each([
    [
      "29 February comes after the 28th in a leap year",
      1,
      "days",
      "2028-02-28T10:00+01:00",
      "2028-02-29T10:00+01:00",
    ],
    ["a year of weeks from 29 February", 52, "weeks", "2028-02-29T10:00+01:00", "2029-02-27T10:00+01:00"],
    ["no 29 February otherwise", 1, "days", "2027-02-28T10:00+01:00", "2027-03-01T10:00+01:00"],
    [
      "31 December is followed by 1 January",
      1,
      "days",
      "2026-12-31T23:59:59+01:00",
      "2027-01-01T23:59:59+01:00",
    ],
    ["an hour over new year", 1, "hours", "2026-12-31T23:30+01:00", "2027-01-01T00:30+01:00"],
  ] as const)("%s", async (_what, value, type, from, expected) => {
    expect((await stepTime(from, value, type)).due).toBe(utc(expected));
  });

  it.each([
    ["a weekday with windows", "2026-11-27", { fri: [["09:00", "17:00"]] }, true],
    ["a weekday without", "2026-11-28", { fri: [["09:00", "17:00"]] }, false],
    ["a holiday", "2026-12-25", { fri: [["09:00", "17:00"]], holidays: ["2026-12-25"] }, false],
    ["any day where no hours are set", "2026-11-29", {}, true],
    ["a day that is 29 February", "2028-02-29", { tue: [["09:00", "17:00"]] }, true],
  ])("%s is a business day: %s %j %s", async (_what, day, hours, expected) => {
    const row = await database.transaction(worker, (tx) =>
      tx.one(
        "select is_business_day($1, business_weekdays($2::jsonb), coalesce($2::jsonb -> 'holidays', '[]')) as is",
        [day, JSON.stringify(hours)],
      ),
    );
    expect(row).toEqual({ is: expected });
  });
});

describe("the hours of a step", () => {
  const hours = JSON.stringify({
    fri: [["22:00", "02:00"]],
    mon: [["09:00", "17:00"]],
    holidays: ["2026-11-30"],
  });

  it.each([
    ["inside a window over midnight stays", "2026-11-28T01:00+01:00", null, "2026-11-28T01:00+01:00"],
    [
      "after it waits for the next open day, past the holiday",
      "2026-11-28T03:00+01:00",
      null,
      "2026-12-04T22:00+01:00",
    ],
    ["has its local time first, then the hours", "2026-11-27T12:00+01:00", "08:00", "2026-12-04T22:00+01:00"],
    ["keeps a local time that is open", "2026-11-27T12:00+01:00", "23:00", "2026-11-27T23:00+01:00"],
  ])("%s", async (_what, at, sendAt, expected) => {
    expect(await stepHour(at, sendAt, hours)).toBe(utc(expected));
  });

  it("is its own time where no hours are respected", async () => {
    expect(await stepHour("2026-11-28T03:00+01:00", null, null)).toBe(utc("2026-11-28T03:00+01:00"));
  });
});

/** The instant of a local time: one that is skipped is as much later, one that comes twice is the second. */
function instantAt(local: DateTime, place: string): DateTime {
  const at = DateTime.fromObject(local.toObject(), { zone: place });
  const shown = at.setZone("UTC", { keepLocalTime: true }).toMillis() - local.toMillis();
  if (shown !== 0) return shown > 0 ? at : at.minus({ milliseconds: 2 * shown });
  return at.getPossibleOffsets().reduce((a, b) => (a > b ? a : b));
}

const localAt = (instant: DateTime, place: string) =>
  instant.setZone(place).setZone("UTC", { keepLocalTime: true });

/** next_step_time as the guide tells it. */
function model(from: Date, value: number, type: DelayType, sendAt: number | null, place: string): DateTime {
  const start = DateTime.fromJSDate(from, { zone: "UTC" });
  const exact = type === "minutes" || type === "hours";
  const end = exact ? start.plus({ [type]: value }) : undefined;
  const localEnd = end === undefined ? localAt(start, place).plus({ [type]: value }) : localAt(end, place);
  if (sendAt === null) return end ?? instantAt(localEnd, place);
  const onDay = (days: number) => instantAt(localEnd.startOf("day").plus({ days, minutes: sendAt }), place);
  return onDay(0) >= (end ?? start) ? onDay(0) : onDay(1);
}

describe("in any zone, at any time", () => {
  const delay = fc.tuple(
    fc.integer({ min: 0, max: 60 }),
    fc.constantFrom<DelayType>("minutes", "hours", "days", "weeks"),
  );
  const sendAt = fc.option(fc.integer({ min: 0, max: 1439 }));

  it("a step's time is what luxon makes of it, and is not before the moment it counts from", async () => {
    await fc.assert(
      fc.asyncProperty(moment, delay, sendAt, zone, async (at, [value, type], minute, place) => {
        const given = { zone: place, ...(minute === null ? {} : { sendAt: clock(minute) }) };
        const { due } = await stepTime(new Date(at), value, type, given);
        expect(due).toBe(model(new Date(at), value, type, minute, place).toJSDate().toISOString());
        expect(Date.parse(due)).toBeGreaterThanOrEqual(at - (value === 0 ? 0 : 60 * MINUTE));
      }),
      { numRuns: 400 },
    );
  });

  it("a step's hour is the first open minute from its local time on", async () => {
    const window = fc
      .tuple(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 0, max: 1440 }))
      .filter(([from, to]) => from !== to);
    const days = fc.record({
      sun: fc.array(window, { maxLength: 1 }),
      tue: fc.array(window, { maxLength: 2 }),
      fri: fc.array(window, { minLength: 1, maxLength: 2 }),
    });
    const hours: fc.Arbitrary<Hours> = fc.record({
      days,
      holidays: fc.uniqueArray(moment.map(dateOf), { maxLength: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(moment, sendAt, hours, zone, async (at, minute, given, place) => {
        const wished = minute === null ? at : model(new Date(at), 0, "minutes", minute, place).toMillis();
        const open = openStretches(given, place, wished, 40).filter(
          ({ opens, closes }) => opens < closes && closes > wished,
        );
        const first = Math.min(...open.map(({ opens }) => Math.max(opens, wished)));
        const hour = await stepHour(
          new Date(at),
          minute === null ? null : clock(minute),
          hoursAsJson(given),
          place,
        );
        expect(hour).toBe(new Date(first).toISOString());
      }),
      { numRuns: 200 },
    );
  });
});
