import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { owner, worker } from "../../src/db/identity.ts";
import { createTestDatabase } from "../support/database.ts";

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const before = new Database({ url: testDatabase.url });
  await before.transaction(owner, async (tx) => {
    const [row] = await tx.query<{ name: string }>("select quote_ident(current_database()) as name");
    await tx.run(`alter database ${row?.name} set jit = on`);
    await tx.run(`alter database ${row?.name} set default_transaction_isolation = 'serializable'`);
    await tx.run(`alter database ${row?.name} set timezone = 'America/Lima'`);
  });
  await before.close();
  database = new Database({ url: testDatabase.url });
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const setting = async (name: string) => {
  const rows = await database.transaction(worker, (tx) =>
    tx.query<{ value: string }>("select current_setting($1) as value", [name]),
  );
  return rows[0]?.value;
};

describe("a transaction does not depend on what the database's own settings are", () => {
  it.each([
    ["compiles no plans: that costs more than it runs", "jit", "off"],
    ["reads what is committed, also after a lock", "transaction_isolation", "read committed"],
    ["keeps time in UTC", "timezone", "UTC"],
  ])("%s", async (_what, name, value) => {
    expect(await setting(name)).toBe(value);
  });
});
