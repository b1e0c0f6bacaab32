import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { owner } from "../../src/db/identity.ts";
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

async function asked<R extends object>(sql: string): Promise<R[]> {
  return database.transaction(owner, (tx) => tx.query<R>(sql));
}

describe("an id that begins with its time", () => {
  it("is a UUID of version 7: its milliseconds, then what nobody guesses", async () => {
    const before = Date.now();
    const rows = await asked<{ id: string }>(
      "select adsapp_ordered_id() as id from generate_series(1, 2000)",
    );
    const after = Date.now();
    for (const { id } of rows) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      const at = Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
      expect(at).toBeGreaterThanOrEqual(before - 1);
      expect(at).toBeLessThanOrEqual(after + 1);
    }
    expect(new Set(rows.map(({ id }) => id.slice(14))).size).toBe(2000);
  });

  it("comes after those of earlier milliseconds", async () => {
    const rows = await asked<{ id: string }>(
      "select adsapp_ordered_id() as id from generate_series(1, 20000)",
    );
    const times = rows.map(({ id }) => id.slice(0, 13));
    expect(times).toEqual(times.toSorted());
    expect(new Set(times).size).toBeGreaterThan(5);
  });

  it("is that of every job, log and message", async () => {
    const rows = await asked<{ table: string }>(`
      select a.attrelid::regclass::text as table from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
       where pg_get_expr(d.adbin, d.adrelid) = 'adsapp_ordered_id()' order by 1`);
    expect(rows.map(({ table }) => table)).toEqual(["bulk_message_jobs", "drip_message_logs", "messages"]);
  });
});
