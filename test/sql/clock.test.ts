import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { worker } from "../../src/db/identity.ts";
import { createTestDatabase } from "../support/database.ts";
import { instantOf, moment, zone } from "./zones.ts";

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

const utc = (time: string) => new Date(time).toISOString();

async function localInstant(time: string, place = "Europe/Amsterdam"): Promise<string | undefined> {
  const row = await database.transaction(worker, (tx) =>
    tx.one<{ at: Date }>("select adsapp_local_instant($1, $2) as at", [time, place]),
  );
  return row?.at.toISOString();
}

describe("adsapp_local_instant", () => {
  it.each([
    ["2026-11-27T10:00:00", "2026-11-27T09:00:00Z"],
    ["2026-07-27 10:00", "2026-07-27T08:00:00Z"],
    ["2026-11-27", "2026-11-26T23:00:00Z"],
    ["2026-11-27T10:00:00Z", "2026-11-27T10:00:00Z"],
    ["2026-11-27T10:00:00.250Z", "2026-11-27T10:00:00.250Z"],
    ["2026-11-27T10:00-05:00", "2026-11-27T15:00:00Z"],
    ["2026-11-27T10:00:00-0530", "2026-11-27T15:30:00Z"],
    ["2026-11-27T10:00:00+02", "2026-11-27T08:00:00Z"],
    ["2026-11-27 10:00:00 +02", "2026-11-27T08:00:00Z"],
    ["2026-03-29T02:30:00", "2026-03-29T01:30:00Z"],
    ["2026-10-25T02:30:00", "2026-10-25T01:30:00Z"],
    ["2026-10-25T02:30:00+02:00", "2026-10-25T00:30:00Z"],
    ["2028-02-29T12:00", "2028-02-29T11:00:00Z"],
  ])("reads %s in Amsterdam as %s", async (time, expected) => {
    expect(await localInstant(time)).toBe(utc(expected));
  });

  it("takes a local time where the zone's clocks show it, and an instant as it is", async () => {
    await fc.assert(
      fc.asyncProperty(moment, zone, async (time, place) => {
        const local = new Date(time).toISOString().slice(0, 19);
        expect(await localInstant(local, place)).toBe(new Date(instantOf(time, place)).toISOString());
        expect(await localInstant(`${local}Z`, place)).toBe(new Date(time).toISOString());
      }),
      { numRuns: 100 },
    );
  });
});

describe("adsapp_now", () => {
  const offset = "(adsapp_now() - statement_timestamp())::text";

  it("is the database's clock, moved by adsapp.now_offset in this transaction only", async () => {
    const read = (tx: { one(sql: string): Promise<unknown> }) => tx.one(`select ${offset} as moved`);
    await database.transaction(worker, async (tx) => {
      expect(await read(tx)).toEqual({ moved: "00:00:00" });
      await tx.run("set local adsapp.now_offset = '3 days 02:00:00'");
      expect(await read(tx)).toEqual({ moved: "3 days 02:00:00" });
      await tx.run("set local adsapp.now_offset = ''");
      expect(await read(tx)).toEqual({ moved: "00:00:00" });
      await tx.run("set local adsapp.now_offset = '-1 day'");
    });
    expect(await database.transaction(worker, read)).toEqual({ moved: "00:00:00" });
  });

  it("runs on within a transaction, and stands still within a statement", async () => {
    await database.transaction(worker, async (tx) => {
      const read = `select extract(epoch from adsapp_now()) as a, extract(epoch from adsapp_now()) as b,
                           extract(epoch from now()) as began`;
      const first = await tx.one<{ a: number; b: number }>(read);
      const second = await tx.one<{ a: number; began: number }>(read);
      expect(first?.a).toBe(first?.b);
      expect(second?.a).toBeGreaterThan(first?.a ?? Number.NaN);
      expect(second?.a).toBeGreaterThan(second?.began ?? Number.NaN);
    });
  });

  it("is what a row's created_at says", async () => {
    await database.transaction(worker, async (tx) => {
      await tx.run("set local adsapp.now_offset = '-400 days'");
      const row = await tx.one<{ same: boolean }>(
        "insert into organizations (name, slug) values ('Then', 'then') returning created_at = adsapp_now() as same",
      );
      expect(row?.same).toBe(true);
    });
  });

  it("refuses an offset that is no interval", async () => {
    const run = database.transaction(worker, async (tx) => {
      await tx.run("set local adsapp.now_offset = 'soon'");
      await tx.one("select adsapp_now()");
    });
    await expect(run).rejects.toMatchObject({ code: "22007" });
  });
});
