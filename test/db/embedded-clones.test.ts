import pg from "pg";
import { describe, expect, it } from "vitest";
import { createTestDatabase } from "../support/database.ts";

describe("the databases of test files", () => {
  it("are migrated copies of their own, however many ask at once, and are gone when dropped", async () => {
    const databases = await Promise.all([1, 2, 3, 4, 5, 6].map(() => createTestDatabase()));
    expect(new Set(databases.map(({ name }) => name)).size).toBe(6);
    const [first, second] = databases;
    const open = new pg.Client({ connectionString: first?.url });
    open.on("error", () => {}); // drop ends it
    await open.connect();
    await open.query("create table mine ()");
    expect(await tablesOf(second?.url)).toContain("contacts");
    expect(await tablesOf(second?.url)).not.toContain("mine");
    await Promise.all(databases.map(({ drop }) => drop()));
    await expect(tablesOf(first?.url)).rejects.toMatchObject({ code: "3D000" });
  });
});

async function tablesOf(url: string | undefined): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    const { rows } = await client.query<{ tablename: string }>(
      "select tablename from pg_tables where schemaname = 'public'",
    );
    return rows.map(({ tablename }) => tablename);
  } finally {
    await client.end();
  }
}
