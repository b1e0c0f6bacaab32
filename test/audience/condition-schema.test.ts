import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Condition, conditionSchema, listsIn } from "../../src/audience/condition-schema.ts";
import { Database } from "../../src/db/database.ts";
import { worker } from "../../src/db/identity.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeContacts, makeOrganization } from "../support/factories.ts";

function faultsOf(value: unknown): string[] {
  const read = conditionSchema.safeParse(value);
  return read.success ? [] : read.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
}

const word = fc.string({ minLength: 1, maxLength: 10 }).filter((text) => text.trim() === text && text !== "");
const days = fc.integer({ min: 1, max: 3650 });
const field = fc.oneof(
  fc.constantFrom("first_name", "email", "language", "created_at"),
  word.map((name) => `attributes.${name}`),
);
const single = fc.oneof(word, fc.integer(), fc.boolean());
const leaf: fc.Arbitrary<Condition> = fc.oneof(
  word.map((tag) => ({ tag })),
  word.map((list) => ({ list })),
  fc.record({ event: word, within_days: days }, { requiredKeys: ["event"] }),
  days.map((replied_within_days) => ({ replied_within_days })),
  fc.record({ field, op: fc.constantFrom("eq" as const, "ne" as const), value: single }),
  fc.record({ field, op: fc.constant("in" as const), value: fc.array(word, { minLength: 1, maxLength: 3 }) }),
  fc.record({ field, op: fc.constant("contains" as const), value: word }),
  fc.record({ field, op: fc.constant("exists" as const), value: fc.boolean() }),
  fc.record({
    field,
    op: fc.constantFrom("gt" as const, "gte" as const, "lt" as const, "lte" as const),
    value: fc.oneof(word, fc.integer()),
  }),
  fc.record({
    field: fc.constantFrom("created_at" as const, "last_inbound_at" as const),
    op: fc.constant("within_days" as const),
    value: days,
  }),
);
const condition = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    leaf,
    fc.array(tie("condition"), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie("condition"), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
    tie("condition").map((not) => ({ not })),
  ),
})).condition;

describe("a condition", () => {
  let database: Database;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const testDatabase = await createTestDatabase();
    drop = () => testDatabase.drop();
    database = new Database({ url: testDatabase.url });
    const attributes = { city: "Utrecht", age: 42, note: "not a number" };
    await makeContacts(database, await makeOrganization(database), 1, { tags: ["leads"], attributes });
  });

  afterAll(async () => {
    await database.close();
    await drop();
  });

  const meets = (value: Condition) =>
    database.transaction(worker, async (tx) => {
      const row = await tx.one<{ meets: boolean }>(
        "select adsapp_meets(c, $1::jsonb, null) as meets from contacts c limit 1",
        [JSON.stringify(value)],
      );
      return row?.meets;
    });

  it("that the schema takes, the database can decide, and not() is its opposite", async () => {
    await fc.assert(
      fc.asyncProperty(condition, async (value) => {
        expect(conditionSchema.parse(value)).toEqual(value);
        const met = await meets(value);
        expect(typeof met).toBe("boolean");
        expect(await meets({ not: value })).toBe(!met);
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    [{ tag: "leads" }, true],
    [{ all: [{ tag: "leads" }, { tag: "vip" }] }, false],
    [{ any: [{ tag: "leads" }, { tag: "vip" }] }, true],
    [{ field: "attributes.city", op: "eq", value: "Utrecht" }, true],
    [{ field: "attributes.age", op: "in", value: [41, 42] }, true],
    [{ field: "attributes.age", op: "gt", value: 41 }, true],
    [{ field: "attributes.note", op: "gt", value: 41 }, false],
    [{ field: "created_at", op: "within_days", value: 1 }, true],
    [{ field: "email", op: "exists" }, false],
  ])("%o is decided as people mean it: %s", async (value, expected) => {
    expect(await meets(conditionSchema.parse(value))).toBe(expected);
  });
});

describe("a condition is refused", () => {
  it.each<[string, unknown, string[]]>([
    ["a word", "leads", [": write a condition such as { tag: leads }"]],
    ["a list", [{ tag: "leads" }], [": write a condition such as { tag: leads }"]],
    ["nothing", {}, [": write a condition such as { tag: leads }"]],
    [
      "two in one",
      { tag: "a", list: "b" },
      [": tag and list are conditions of their own: put them into all or any"],
    ],
    ["no condition in all", { all: [] }, ["all: is empty"]],
    ["a tag without a name", { tag: " " }, ["tag: is empty"]],
    [
      "days without end",
      { replied_within_days: 99_999 },
      [expect.stringMatching(/^replied_within_days: Too big/)],
    ],
    [
      "an unknown field",
      { field: "emial", op: "eq", value: 1 },
      ['field: a contact has no field "emial" (its own are attributes.NAME); did you mean email?'],
    ],
    [
      "a field of the database's own",
      { field: "organization_id", op: "exists" },
      ['field: a contact has no field "organization_id" (its own are attributes.NAME)'],
    ],
    [
      "an age of what is no time",
      { field: "first_name", op: "within_days", value: 3 },
      [expect.stringMatching(/^field: within_days goes with created_at/)],
    ],
    ["one of none", { field: "email", op: "in", value: [] }, ["value: names nothing"]],
    [
      "a value that is a group",
      { field: "email", op: "eq", value: {} },
      ["value: write text, a number, true or false"],
    ],
  ])("as %s", (_what, value, faults) => {
    expect(faultsOf(value)).toEqual(faults);
  });

  it("with a word that it does not know, at any depth", () => {
    const read = conditionSchema.safeParse({ not: { any: [{ tag: "a" }, { tga: "b" }] } });
    expect(read.error?.issues).toMatchObject([
      {
        code: "unrecognized_keys",
        path: ["not", "any", 1],
        keys: ["tga"],
        known: expect.arrayContaining(["tag"]),
      },
    ]);
  });

  it("past ten levels or two hundred parts, and at once however deep", () => {
    const deep = (levels: number) => {
      let value: unknown = { tag: "x" };
      for (let level = 1; level < levels; level++) value = { not: value };
      return value;
    };
    expect(faultsOf(deep(10))).toEqual([]);
    expect(faultsOf(deep(11))).toEqual([": is nested deeper than 10 levels"]);
    expect(faultsOf(deep(100_000))).toEqual([": is nested deeper than 10 levels"]);
    const wide = (parts: number) => ({ any: Array.from({ length: parts }, () => ({ tag: "x" })) });
    expect(faultsOf(wide(199))).toEqual([]);
    expect(faultsOf(wide(200))).toEqual([": has more than 200 conditions in it"]);
  });
});

it("names the lists that it asks for, however deep", () => {
  const value: Condition = { all: [{ list: "a" }, { not: { any: [{ list: "b" }, { tag: "c" }] } }] };
  expect(listsIn(value)).toEqual(["a", "b"]);
});
