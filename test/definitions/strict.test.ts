import { describe, expect, it } from "vitest";
import { duration, durationSeconds, pointInTime, timeOfDay } from "../../src/definitions/strict.ts";

describe("a duration", () => {
  it("is a number and a unit", () => {
    expect(["30s", "10m", "12h", "7d", "2w"].map(durationSeconds)).toEqual([
      30, 600, 43_200, 604_800, 1_209_600,
    ]);
  });

  it.each(["", "10", "m", "-1h", "1.5h", "1h30m", "10 m", "1y", "9999999h", "0m"])("is not %j", (text) => {
    expect(duration.safeParse(text).success).toBe(false);
  });
});

describe("a time of day", () => {
  it("has two digits for hours and minutes", () => {
    const good = (text: string) => timeOfDay.safeParse(text).success;
    expect(["00:00", "09:30", "23:59"].every(good)).toBe(true);
    expect(["24:00", "9:30", "09:60", "09", "09:30:00"].some(good)).toBe(false);
  });
});

describe("a point in time", () => {
  it.each([
    "2026-11-27T10:00",
    "2026-11-27T10:00:00",
    "2026-11-27 10:00:00.5",
    "2026-11-27T09:00:00Z",
    "2026-11-27T10:00:00+01:00",
    "2028-02-29T00:00:00-0330",
  ])("may be written %s", (text) => {
    expect(pointInTime.parse(text)).toBe(text);
  });

  it.each([
    "2026-11-27",
    "27-11-2026 10:00",
    "2026-02-30T10:00:00",
    "2027-02-29T10:00:00",
    "2026-13-01T10:00:00",
    "2026-11-27T24:00:00",
    "2026-11-27T10:60:00",
    "2026-11-27T10:00:00+15:00",
    "0000-01-01T10:00:00",
    "tomorrow",
    "infinity",
  ])("is not %s, which PostgreSQL would refuse or read otherwise", (text) => {
    expect(pointInTime.safeParse(text).success).toBe(false);
  });

  it("may be a Date, as the library gives it", () => {
    expect(pointInTime.parse(new Date("2025-11-15T10:00:00Z"))).toBe("2025-11-15T10:00:00.000Z");
    expect(pointInTime.safeParse(new Date("nonsense")).success).toBe(false);
  });
});
