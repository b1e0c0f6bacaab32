import fc from "fast-check";
import { afterAll, beforeAll, describe, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeContacts, makeOrganization } from "../support/factories.ts";
import { audienceDoor, csvDoor, filterDoor, liquidDoor, webhookDoor, yamlDoor } from "./doors.ts";

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

const numRuns = 150;

describe("whatever a stranger hands in is taken or refused, and never a crash", () => {
  it("a contacts file", () => fc.assert(csvDoor, { numRuns }));
  it("a definition", () => fc.assert(yamlDoor, { numRuns }));
  it("a filter, and an audience", async () => {
    const organization = await makeOrganization(database);
    await makeContacts(database, organization, 2, { tags: ["vip"] });
    await fc.assert(filterDoor(database, organization.profileId), { numRuns });
    await fc.assert(audienceDoor(database, organization.profileId), { numRuns });
  });
  it("a text with Liquid in it", () => fc.assert(liquidDoor, { numRuns }));
  it("a webhook's body", () => fc.assert(webhookDoor, { numRuns }));
});
