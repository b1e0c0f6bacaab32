import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { worker } from "../../src/db/identity.ts";
import { checkBusinessHours, readBusinessHours } from "../../src/organizations/business-hours.ts";
import type { TestDatabase } from "../support/cluster.ts";
import { createTestDatabase } from "../support/database.ts";

describe("business hours", () => {
  it.each([
    {},
    { mon: [] },
    { mon: [["09:00", "17:30"]] },
    { sat: [["00:00", "24:00"]], sun: [["22:00", "06:00"]] },
    {
      mon: [
        ["09:00", "12:00"],
        ["13:00", "17:00"],
      ],
      holidays: ["2026-12-25", "2028-02-29"],
    },
  ])("may be %j", (hours) => {
    expect(checkBusinessHours(hours)).toEqual([]);
  });

  it.each([
    [{ monday: [] }, '"monday" is no day'],
    [{ mon: "09:00-17:00" }, "mon must be a list of windows"],
    [{ mon: ["09:00", "17:00"] }, 'mon has "09:00"'],
    [{ mon: [["9:00", "17:00"]] }, 'mon has ["9:00","17:00"]'],
    [{ mon: [["09:00", "25:00"]] }, "mon has"],
    [{ mon: [["24:00", "09:00"]] }, "mon has"],
    [{ mon: [["09:00", "09:00"]] }, "mon has"],
    [{ mon: [["09:00", "12:00", "13:00"]] }, "mon has"],
    [{ mon: [[["09:00"], ["17:00"]]] }, "mon has"],
    [{ mon: [[900, 1700]] }, "mon has"],
    [{ holidays: "2026-12-25" }, "holidays must be a list of dates"],
    [{ holidays: ["25-12-2026"] }, '"25-12-2026" is no date'],
    [{ holidays: ["2026-02-31"] }, '"2026-02-31" is no date'],
    [{ holidays: [["2026-12-25"]] }, '["2026-12-25"] is no date'],
    [JSON.parse('{"__proto__": []}'), '"__proto__" is no day'],
  ])("may not be %j", (hours, fault) => {
    expect(checkBusinessHours(hours).join("\n")).toContain(`business hours: ${fault}`);
  });

  it("tell every fault at once", () => {
    expect(
      checkBusinessHours({
        mon: [
          ["9", "5"],
          ["10:00", "10:00"],
        ],
        doomsday: [],
        holidays: ["x", "y"],
      }),
    ).toHaveLength(5);
  });
});

describe("readBusinessHours", () => {
  it("takes JSON, or a file with it", () => {
    const folder = mkdtempSync(join(tmpdir(), "adsapp-hours-"));
    writeFileSync(join(folder, "hours.json"), '{"tue": [["10:00", "11:00"]]}');
    expect(readBusinessHours(join(folder, "hours.json"))).toEqual({ tue: [["10:00", "11:00"]] });
    expect(() => readBusinessHours(folder)).toThrow(
      "--business-hours takes a JSON object, or a file with one",
    );
    rmSync(folder, { recursive: true });
    expect(readBusinessHours('{"mon": []}')).toEqual({ mon: [] });
  });

  it.each(["", "9 to 5", "[]", "null", '{"mon":', "/no/such/file", "x".repeat(10_000)])(
    "refuses %.20j",
    (text) => {
      expect(() => readBusinessHours(text)).toThrow(
        "--business-hours takes a JSON object, or a file with one",
      );
    },
  );
});

describe("hours that pass the check", () => {
  let testDatabase: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    database = new Database({ url: testDatabase.url });
  });

  afterAll(async () => {
    await database.close();
    await testDatabase.drop();
  });

  it("are hours that the database can reckon with, whatever they are", async () => {
    const right = fc.constantFrom("00:00", "08:30", "09:00", "12:00", "17:30", "22:00", "23:59", "24:00");
    const odd = fc.constantFrom("9:00", "24:01", "", 9, ["09:00"], null);
    const time = fc.oneof({ weight: 30, arbitrary: right }, odd);
    const window = fc.oneof(
      { weight: 30, arbitrary: fc.tuple(time, time) },
      fc.array(time, { maxLength: 3 }),
    );
    const day = fc.oneof({ weight: 30, arbitrary: fc.array(window, { maxLength: 2 }) }, fc.constant("09:00"));
    const date = fc.constantFrom("2026-11-27", "2026-11-30", "2028-02-29", "2026-02-31");
    const holidays = fc.array(date, { maxLength: 2 });
    const hours = fc.record({ mon: day, fri: day, sun: day, holidays }, { requiredKeys: [] });
    const checked = fc.sample(hours, 3_000).filter((given) => checkBusinessHours(given).length === 0);
    expect(checked.length).toBeGreaterThan(500);
    const reckoned = await database.transaction(worker, (tx) =>
      tx.query(
        "select next_business_time(timestamptz '2026-11-27T10:00:00Z', h::jsonb, 'Europe/Amsterdam') from unnest($1::text[]) h",
        [checked.map((given) => JSON.stringify(given))],
      ),
    );
    expect(reckoned).toHaveLength(checked.length);
  });
});
