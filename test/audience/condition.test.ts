import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audienceSchema } from "../../src/audience/audience.ts";
import { audienceCondition, withAudience } from "../../src/audience/condition.ts";
import { withReadPhones } from "../../src/audience/phones.ts";
import { Database } from "../../src/db/database.ts";
import { operator, worker } from "../../src/db/identity.ts";
import { createTestDatabase } from "../support/database.ts";
import {
  makeCampaign,
  makeContacts,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
  type TestOrganization,
} from "../support/factories.ts";

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
let organization: TestOrganization;
let ids: Record<string, string>;

/** anna: customers, vip · bob: customers · cas: vip, on both lists · dirk: nothing, contacted 2 days ago. Another tenant has alike. */
beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url });
  organization = await makeOrganization(database);
  const people = [
    ...(await makeContacts(database, organization, 1, { tags: ["customers", "vip"] })),
    ...(await makeContacts(database, organization, 1, { tags: ["customers"] })),
    ...(await makeContacts(database, organization, 1, { tags: ["vip"] })),
    ...(await makeContacts(database, organization, 1)),
  ];
  ids = Object.fromEntries(["anna", "bob", "cas", "dirk"].map((name, n) => [name, people[n]?.id as string]));
  await putOnList(organization, "klanten", [ids.cas]);
  await putOnList(organization, "pers", [ids.cas]);
  await contacted(organization, ids.dirk, "2 days");
  const other = await makeOrganization(database);
  const [stranger] = await makeContacts(database, other, 1, { tags: ["customers", "vip"] });
  await putOnList(other, "klanten", [stranger?.id]);
  await contacted(other, stranger?.id, "1 hour");
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

async function putOnList(
  owner: TestOrganization,
  name: string,
  members: (string | undefined)[],
): Promise<void> {
  await database.transaction(worker, async (tx) => {
    const list = await tx.one<{ id: string }>(
      "insert into contact_lists (organization_id, name) values ($1, $2) returning id",
      [owner.id, name],
    );
    await tx.run(
      "insert into contact_list_members (organization_id, list_id, contact_id) select $1, $2, unnest($3::uuid[])",
      [owner.id, list?.id, members],
    );
  });
}

async function contacted(owner: TestOrganization, contact: string | undefined, ago: string): Promise<void> {
  await makeSender(database, owner);
  const run = await makeRun(database, await makeCampaign(database, owner));
  await makeJobs(database, run, { sent: 1 }, { ago, contacts: [{ id: contact as string }] });
}

/** Names of those in the audience. */
async function audience(definition: object, identity = worker): Promise<string[]> {
  const built = audienceCondition(audienceSchema.parse(definition), 2);
  const query = withAudience(
    "select c.id from contacts c where c.organization_id = $1 and (AUDIENCE)",
    built,
  );
  const rows = await database.transaction(identity, (tx) =>
    tx.query<{ id: string }>(query, [organization.id, ...built.parameters]),
  );
  const found = new Set(rows.map(({ id }) => id));
  return Object.keys(ids)
    .filter((name) => found.delete(ids[name] as string) || false)
    .concat([...found]);
}

describe("an audience", () => {
  it.each<[string, object, string[]]>([
    ["everyone", { type: "all" }, ["anna", "bob", "cas", "dirk"]],
    ["any of some tags", { type: "tags", tags: ["customers", "vip"] }, ["anna", "bob", "cas"]],
    [
      "all of some tags, one of them twice",
      { type: "tags", tags: ["customers", "vip", "vip"], match: "all" },
      ["anna"],
    ],
    ["a tag written with spaces around it", { type: "tags", tags: [" vip "] }, ["anna", "cas"]],
    ["a list", { type: "list", list: "klanten" }, ["cas"]],
    ["a list that does not exist", { type: "list", list: "klant" }, []],
    ["a tag that is text for SQL", { type: "tags", tags: ["x') or true --"] }, []],
    ["everyone but a tag", { type: "all", exclude: { tags: ["vip", "none"] } }, ["bob", "dirk"]],
    [
      "everyone but two lists",
      { type: "all", exclude: { lists: ["klanten", "pers"] } },
      ["anna", "bob", "dirk"],
    ],
    [
      "everyone who was not contacted within 3 days",
      { type: "all", exclude: { contactedWithinDays: 3 } },
      ["anna", "bob", "cas"],
    ],
    [
      "everyone who was not contacted within a day",
      { type: "all", exclude: { contactedWithinDays: 1 } },
      ["anna", "bob", "cas", "dirk"],
    ],
    [
      "a tag without those of another, of a list, and of late",
      {
        type: "tags",
        tags: ["customers", "vip"],
        exclude: { tags: ["none"], lists: ["klanten"], contactedWithinDays: 7 },
      },
      ["anna", "bob"],
    ],
  ])("is %s", async (_what, definition, people) => {
    expect(await audience(definition)).toEqual(people);
  });

  it("is people by phone or id, as they are written in the organization's country", async () => {
    const wanted = audienceSchema.parse({
      type: "contacts",
      contacts: ["06 10000001", "+31610000002", ids.cas?.toUpperCase(), "nobody"],
    });
    const read = await withReadPhones(wanted, "NL");
    expect(read).toMatchObject({
      contacts: ["+31610000001", "+31610000002", ids.cas?.toUpperCase(), "nobody"],
    });
    expect(await audience(read)).toEqual(["anna", "bob", "cas"]);
  });

  it("is the same for a person under Row Level Security", async () => {
    const definition = {
      type: "tags",
      tags: ["vip"],
      exclude: { lists: ["klanten"], contactedWithinDays: 3 },
    };
    expect(await audience(definition, operator(organization.viewerId))).toEqual(["anna"]);
  });

  it.each<[string, object]>([
    ["no tags", { type: "tags", tags: [] }],
    ["an empty tag", { type: "tags", tags: [" "] }],
    ["another match", { type: "tags", tags: ["a"], match: "most" }],
    ["a segment", { type: "segment", where: {} }],
    ["days that are none", { type: "all", exclude: { contactedWithinDays: 0 } }],
  ])("is not defined by %s", (_what, definition) => {
    expect(audienceSchema.safeParse(definition).success).toBe(false);
  });
});

describe("a query for an audience", () => {
  it("does not run without its place for the audience, or with two", () => {
    const built = audienceCondition({ type: "all" }, 1);
    expect(() => withAudience("select 1", built)).toThrow();
    expect(() => withAudience("(AUDIENCE) or (AUDIENCE)", built)).toThrow();
  });
});
