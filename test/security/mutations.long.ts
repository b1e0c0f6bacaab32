import { afterAll, beforeAll, expect, it } from "vitest";
import { Database, type Transaction } from "../../src/db/database.ts";
import { owner } from "../../src/db/identity.ts";
import { namedQueries } from "../../src/db/queries.ts";
import lintsText from "../sql/lints.sql";
import { makeTenant } from "../sql/tenant.ts";
import { createTestDatabase } from "../support/database.ts";
import { dumpSchema } from "../support/dump.ts";
import {
  functionMutations,
  grantMutations,
  type Mutation,
  policyMutations,
  tableMutations,
} from "./mutations.ts";
import { breaches, type Walls, wallsOf } from "./walls.ts";

const LINTS = [...lintsText.matchAll(/^-- name: (\w+)$/gm)].map((match) => match[1] as string);
const lints = namedQueries(lintsText, ...LINTS);

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
let walls: Walls;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url, idleSeconds: 600 });
  const [mine, theirs] = [await makeTenant(database, "mine"), await makeTenant(database, "theirs")];
  walls = await database.transaction(owner, (tx) => wallsOf(tx, mine, theirs));
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

async function lintFindings(tx: Transaction): Promise<string[]> {
  const text = LINTS.map((name) => `select '${name}: ' || l.finding as finding from (${lints[name]}) l`);
  return (await tx.query<{ finding: string }>(text.join("\nunion all\n"))).map(({ finding }) => finding);
}

class RolledBack extends Error {}

/** The mutations that `look` finds nothing wrong with. Nothing of them stays. */
async function unnoticed(
  mutationsOf: (tx: Transaction) => Promise<Mutation[]>,
  look: (tx: Transaction, mutation: Mutation) => Promise<unknown[]>,
): Promise<{ tried: number; unnoticed: string[] }> {
  let tried = 0;
  const missed: string[] = [];
  const run = database.transaction(owner, async (tx) => {
    for (const mutation of await mutationsOf(tx)) {
      await tx.run("savepoint mutation");
      await tx.run(mutation.statement);
      if ((await look(tx, mutation)).length === 0) missed.push(mutation.statement);
      await tx.run("rollback to savepoint mutation");
      tried++;
    }
    throw new RolledBack();
  });
  await expect(run).rejects.toThrow(RolledBack);
  return { tried, unnoticed: missed };
}

const matrixAndLints = async (tx: Transaction, { table }: Mutation) => {
  const found = await lintFindings(tx);
  return found.length > 0 ? found : breaches(tx, walls, table === "" ? [] : [table]);
};

it("is quiet about the schema as it is", async () => {
  const found = await database.transaction(owner, async (tx) => [
    ...(await lintFindings(tx)),
    ...(await breaches(tx, walls)),
  ]);
  expect(found).toEqual([]);
});

it("notices every policy that is dropped, opened, or given to another role", async () => {
  const { tried, unnoticed: missed } = await unnoticed(policyMutations, matrixAndLints);
  expect(missed).toEqual([]);
  expect(tried).toBeGreaterThan(400);
});

it("notices by attempts alone every policy of people's whose condition on the organization is opened for reading", async () => {
  const opened = async (tx: Transaction) =>
    (await policyMutations(tx)).filter(({ statement }) => /"Users can .* using \(true\)$/.test(statement));
  const { tried, unnoticed: missed } = await unnoticed(opened, (tx, { table }) =>
    breaches(tx, walls, [table]),
  );
  expect(missed).toEqual([]);
  expect(tried).toBe(walls.tables.length);
});

it("notices every table whose row level security is off, or spares the owner", async () => {
  const { tried, unnoticed: missed } = await unnoticed(tableMutations, matrixAndLints);
  expect(missed).toEqual([]);
  expect(tried).toBeGreaterThan(60);
});

it("notices every definer function that is open to everybody or takes the caller's search_path", async () => {
  const { tried, unnoticed: missed } = await unnoticed(functionMutations, matrixAndLints);
  expect(missed).toEqual([]);
  expect(tried).toBeGreaterThan(10);
});

it("notices every grant that is given or taken: the dumped schema is another", async () => {
  const dump = (tx: Transaction) => dumpSchema(tx.client);
  const before = await database.transaction(owner, dump);
  const { tried, unnoticed: missed } = await unnoticed(grantMutations, async (tx) =>
    (await dump(tx)) === before ? [] : ["another"],
  );
  expect(missed).toEqual([]);
  expect(tried).toBeGreaterThan(300);
});
