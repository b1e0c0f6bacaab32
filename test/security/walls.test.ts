import { afterAll, beforeAll, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { owner } from "../../src/db/identity.ts";
import { makeTenant } from "../sql/tenant.ts";
import { createTestDatabase } from "../support/database.ts";
import { attemptsCount, breaches, commonBreaches, type Walls, wallsOf } from "./walls.ts";

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
let walls: Walls;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url });
  const [mine, theirs] = [await makeTenant(database, "mine"), await makeTenant(database, "theirs")];
  walls = await database.transaction(owner, (tx) => wallsOf(tx, mine, theirs));
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

it("every table, verb, role and identity: nobody reads, writes, moves, upserts or truncates beyond the wall", async () => {
  expect(attemptsCount(walls)).toBeGreaterThan(60 * walls.tables.length);
  expect(await database.transaction(owner, (tx) => breaches(tx, walls))).toEqual([]);
});

it("the tables that are nobody's in particular are written by ticks and migrations alone", async () => {
  expect(await database.transaction(owner, (tx) => commonBreaches(tx, walls))).toEqual([]);
  const opened = database.transaction(owner, async (tx) => {
    await tx.run("grant select on tick_runs to adsapp_operator");
    throw Object.assign(new Error("rolled back"), { found: await commonBreaches(tx, walls) });
  });
  await expect(opened).rejects.toMatchObject({
    found: expect.arrayContaining(["tick_runs: nobody: select: 0"]),
  });
});

it("a wall that leaks is told: the matrix is no mirror of the catalogue", async () => {
  const leaks = database.transaction(owner, async (tx) => {
    await tx.run('alter policy "Users can access contacts in their org" on contacts using (true)');
    const found = await breaches(tx, walls, ["contacts"]);
    throw Object.assign(new Error("rolled back"), { found });
  });
  await expect(leaks).rejects.toMatchObject({
    found: expect.arrayContaining(["contacts: admin: select other: 6", "contacts: nobody: select all: 12"]),
  });
});
