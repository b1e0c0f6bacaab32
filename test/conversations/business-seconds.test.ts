import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { worker } from "../../src/db/identity.ts";
import {
  dateOf,
  type Hours,
  hoursAsJson,
  localOf,
  MINUTE,
  moment,
  openStretches,
  zone,
} from "../sql/zones.ts";
import { createTestDatabase } from "../support/database.ts";

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

async function businessSeconds(from: string, to: string, hours: string, zone = "Europe/Amsterdam") {
  const row = await database.transaction(worker, (tx) =>
    tx.one<{ seconds: number }>("select business_seconds($1, $2, $3, $4) as seconds", [
      from,
      to,
      hours,
      zone,
    ]),
  );
  return row?.seconds;
}

const office = JSON.stringify({
  fri: [
    ["09:00", "12:00"],
    ["13:00", "17:30"],
  ],
  mon: [["09:00", "17:30"]],
  sat: [["22:00", "02:00"]],
  holidays: ["2026-12-25"],
});

describe("business seconds", () => {
  it.each([
    [
      "within a window are those of the clock",
      "2026-11-27T09:10:00.5+01:00",
      "2026-11-27T09:15:00+01:00",
      299.5,
    ],
    ["leave out the lunch", "2026-11-27T11:30:00+01:00", "2026-11-27T13:30:00+01:00", 3600],
    [
      "leave out the weekend but not its night",
      "2026-11-27T17:00:00+01:00",
      "2026-11-30T09:30:00+01:00",
      1800 + 4 * 3600 + 1800,
    ],
    ["are none on a holiday", "2026-12-25T00:00:00+01:00", "2026-12-26T00:00:00+01:00", 0],
    ["are none where the end comes before", "2026-11-27T11:00:00+01:00", "2026-11-27T10:00:00+01:00", 0],
    [
      "are an hour less in the night that clocks go forward",
      "2026-03-28T22:00:00+01:00",
      "2026-03-29T12:00:00+02:00",
      4 * 3600,
    ],
  ])("%s", async (_what, from, to, seconds) => {
    expect(await businessSeconds(from, to, office)).toBe(seconds);
  });

  it("are those of the clock where no hours are set, whatever the holidays", async () => {
    for (const hours of ["{}", '{"mon": []}', '{"holidays": ["2026-11-27"]}'])
      expect(await businessSeconds("2026-11-27T00:00:00Z", "2026-11-28T00:00:00Z", hours)).toBe(86_400);
  });

  it("equal the minutes of a calendar that are open, over changes of clocks and holidays", async () => {
    const minute = fc.integer({ min: 0, max: 1439 });
    const windows = fc.array(
      fc.tuple(minute, minute).filter(([from, to]) => from !== to),
      { minLength: 1, maxLength: 3 },
    );
    const day = fc.constantFrom("mon", "tue", "wed", "thu", "fri", "sat", "sun");
    await fc.assert(
      fc.asyncProperty(
        moment,
        fc.integer({ min: 0, max: 6 * 1440 }),
        zone,
        fc.dictionary(day, windows, { minKeys: 1 }),
        fc.array(fc.integer({ min: -1, max: 6 }), { maxLength: 2 }),
        async (from, minutes, zone, days, closed) => {
          const holidays = closed.map((n) => dateOf(localOf(from, zone) + n * 1440 * MINUTE));
          const hours: Hours = { days, holidays };
          const stretches = openStretches(hours, zone, from, 9);
          let open = 0;
          for (let at = from; at < from + minutes * MINUTE; at += MINUTE)
            if (stretches.some(({ opens, closes }) => opens <= at && at < closes)) open++;
          const to = new Date(from + minutes * MINUTE).toISOString();
          expect(await businessSeconds(new Date(from).toISOString(), to, hoursAsJson(hours), zone)).toBe(
            open * 60,
          );
        },
      ),
      { numRuns: 150 },
    );
  });
});
