import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { forecastOf } from "../../src/campaigns/forecast.ts";
import { type Circumstances, outlookOf } from "../../src/campaigns/outlook.ts";

/** Friday, 10:00 in Amsterdam. */
const startsAt = new Date("2026-11-27T09:00:00Z");
const free: Circumstances = {
  timezone: "Europe/Amsterdam",
  businessHours: null,
  quietHours: null,
  messagingLimit: null,
  reached: [],
  ahead: 0,
};
const work = (messages: number, throughput = 1) => ({
  messages,
  startsAt,
  throughput,
  rateLimiting: { enabled: false },
});
const hours = (n: number) => n * 3600;

describe("an outlook", () => {
  it("is the forecast where nothing holds it up", () => {
    expect(outlookOf(work(500), free)).toEqual({ ...forecastOf(work(500)), heldUpBy: [] });
  });

  it("waits for the end of quiet hours, and for business hours over a weekend and a holiday", () => {
    const quiet = outlookOf(work(60), { ...free, quietHours: ["09:30", "12:00"] });
    expect(quiet).toMatchObject({ heldUpBy: ["quiet_hours"], finishesAt: new Date("2026-11-27T11:01:00Z") });
    const days = Object.fromEntries(["mon", "tue", "wed", "thu"].map((day) => [day, [["09:00", "17:00"]]]));
    const open = outlookOf(work(60), { ...free, businessHours: { ...days, holidays: ["2026-11-30"] } });
    expect(open).toMatchObject({
      heldUpBy: ["business_hours"],
      finishesAt: new Date("2026-12-01T08:01:00Z"),
    });
  });

  it("knows windows over midnight", () => {
    const night = outlookOf(
      { ...work(60), startsAt: new Date("2026-11-27T01:00:00Z") },
      { ...free, businessHours: { thu: [["22:00", "03:00"]] } },
    );
    expect(night.seconds).toBe(60);
  });

  it("goes no faster than a messaging limit in any 24 hours, with those who were reached before", () => {
    const limited = outlookOf(work(2500, 80), {
      ...free,
      messagingLimit: 1000,
      reached: [{ hoursAgo: 23, people: 400 }],
    });
    expect(limited.heldUpBy).toEqual(["messaging_limit"]);
    // 600 now, 400 within the hour, 1000 a day later, and the last 500 a day after that
    expect(limited.seconds).toBeGreaterThanOrEqual(hours(48));
    expect(limited.seconds).toBeLessThan(hours(50));
  });

  it("shares the sender with the campaigns that are before it", () => {
    const shared = outlookOf(work(3600), { ...free, ahead: 100_000 });
    expect(shared).toMatchObject({ heldUpBy: ["other_campaigns"], seconds: 7200 });
  });

  it("is unknown beyond 90 days", () => {
    expect(outlookOf(work(1_000_000, 80), { ...free, messagingLimit: 250 })).toMatchObject({
      seconds: null,
      finishesAt: null,
    });
    expect(outlookOf(work(10), { ...free, businessHours: { mon: [] } }).finishesAt).toBeNull();
  });

  it("is never sooner than the forecast", () => {
    const circumstances = fc.record({
      timezone: fc.constantFrom("Europe/Amsterdam", "America/New_York", "Asia/Kolkata"),
      businessHours: fc.constantFrom(null, { mon: [["09:00", "17:00"]], fri: [["22:00", "06:00"]] }),
      quietHours: fc.constantFrom(null, ["22:00", "08:00"] as const),
      messagingLimit: fc.option(fc.integer({ min: 250, max: 100_000 })),
      reached: fc.array(
        fc.record({ hoursAgo: fc.integer({ min: 0, max: 23 }), people: fc.integer({ min: 0, max: 300 }) }),
        { maxLength: 5 },
      ),
      ahead: fc.integer({ min: 0, max: 10_000 }),
    });
    fc.assert(
      fc.property(circumstances, fc.integer({ min: 0, max: 20_000 }), (given, messages) => {
        const { seconds } = outlookOf(work(messages, 80), given);
        expect(seconds ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(
          forecastOf(work(messages, 80)).seconds,
        );
      }),
      { numRuns: 30 },
    );
  });
});
