import { describe, expect, it } from "vitest";
import { forecastOf } from "../../src/campaigns/forecast.ts";

const startsAt = new Date("2026-11-27T09:00:00Z");

describe("a forecast", () => {
  it("goes by the sender's throughput", () => {
    expect(
      forecastOf({ messages: 8001, startsAt, throughput: 80, rateLimiting: { enabled: false } }),
    ).toEqual({
      messages: 8001,
      perSecond: 80,
      seconds: 101,
      startsAt,
      finishesAt: new Date("2026-11-27T09:01:41Z"),
    });
  });

  it("goes by messagesPerHour where that is slower, a few of them at once", () => {
    const forecast = forecastOf({
      messages: 1000,
      startsAt,
      throughput: 80,
      rateLimiting: { enabled: true, messagesPerHour: 500 },
    });
    expect(forecast.perSecond).toBe(0.132);
    expect(forecast.seconds).toBe(Math.ceil((1000 - 17) * (3660 / 484)));
  });

  it("goes by the throughput where messagesPerHour allows more, or is switched off", () => {
    expect(
      forecastOf({
        messages: 100,
        startsAt,
        throughput: 1,
        rateLimiting: { enabled: true, messagesPerHour: 3_600_000 },
      }).seconds,
    ).toBe(100);
    expect(
      forecastOf({
        messages: 100,
        startsAt,
        throughput: 1,
        rateLimiting: { enabled: false, messagesPerHour: 1 },
      }).seconds,
    ).toBe(100);
  });

  it("is done at once when there is nothing to send, and at any limit", () => {
    expect(
      forecastOf({
        messages: 0,
        startsAt,
        throughput: 80,
        rateLimiting: { enabled: true, messagesPerHour: 1 },
      }),
    ).toMatchObject({ seconds: 0, finishesAt: startsAt });
    expect(
      forecastOf({
        messages: 2,
        startsAt,
        throughput: 80,
        rateLimiting: { enabled: true, messagesPerHour: 1 },
      }).seconds,
    ).toBe(3660);
  });
});
