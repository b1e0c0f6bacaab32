import fc from "fast-check";
import { getCountries, getExampleNumber, parsePhoneNumberFromString } from "libphonenumber-js/max";
import examples from "libphonenumber-js/mobile/examples";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditionSql } from "../../src/audience/compile.ts";
import type { Condition } from "../../src/audience/condition-schema.ts";
import { filterSql } from "../../src/audience/dynamic-lists.ts";
import { Database } from "../../src/db/database.ts";
import { worker } from "../../src/db/identity.ts";
import { createTestDatabase } from "../support/database.ts";
import {
  makeCampaign,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
  type TestOrganization,
} from "../support/factories.ts";
import { meets, type Person, people } from "./model.ts";

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
let organization: TestOrganization;
let crowd: (Person & { id: string })[];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url });
  database.setNowOffset("0 seconds");
  organization = await makeOrganization(database);
  await makeSender(database, organization);
  crowd = await store(organization, people(60));
  await store(await makeOrganization(database), people(60)); // a tenant that is alike
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

/** Writes people out as rows: what the model knows of them, the database knows too. */
async function store(
  owner: TestOrganization,
  persons: readonly Person[],
): Promise<(Person & { id: string })[]> {
  if (owner !== organization) await makeSender(database, owner);
  const stored = await database.transaction(worker, async (tx) => {
    const rows = await tx.query<{ id: string; phone: string }>(
      `insert into contacts (organization_id, phone, first_name, email, language, attributes, created_at, last_inbound_at, opted_in_at)
       select $1, p.phone, p.first_name, p.email, p.language, p.attributes, adsapp_now() - make_interval(days => p.created_days, hours => 1),
              adsapp_now() - make_interval(days => p.inbound_days, hours => 1), adsapp_now() - make_interval(days => p.opted_in_days, hours => 1)
         from jsonb_to_recordset($2) as p(phone text, first_name text, email text, language text, attributes jsonb, created_days int, inbound_days int, opted_in_days int)
       returning id, phone`,
      [owner.id, JSON.stringify(persons.map(rowOf))],
    );
    const ids = new Map(rows.map(({ id, phone }) => [phone, id]));
    const known = persons.map((person) => ({ ...person, id: ids.get(person.phone) as string }));
    const pairs = (of: (person: Person) => readonly string[]) =>
      JSON.stringify(known.flatMap((person) => of(person).map((name) => ({ id: person.id, name }))));
    await tx.run(
      "insert into contact_tags (organization_id, contact_id, tag) select $1, p.id, p.name from jsonb_to_recordset($2) as p(id uuid, name text)",
      [owner.id, pairs(({ tags }) => tags)],
    );
    await tx.run("insert into contact_lists (organization_id, name) values ($1, 'klanten'), ($1, 'pers')", [
      owner.id,
    ]);
    await tx.run(
      `insert into contact_list_members (organization_id, list_id, contact_id)
       select $1, l.id, p.id from jsonb_to_recordset($2) as p(id uuid, name text) join contact_lists l on l.organization_id = $1 and l.name = p.name`,
      [owner.id, pairs(({ lists }) => lists)],
    );
    await tx.run(
      `insert into contact_events (organization_id, contact_id, type, name, occurred_at)
       select $1, e.id, 'custom_event', e.name, adsapp_now() - make_interval(days => e.days, hours => 1)
         from jsonb_to_recordset($2) as e(id uuid, name text, days int)`,
      [
        owner.id,
        JSON.stringify(known.flatMap(({ id, events }) => events.map((event) => ({ id, ...event })))),
      ],
    );
    return known;
  });
  for (const campaign of ["Sale", "Lente"]) {
    const run = await makeRun(database, await makeCampaign(database, owner, { name: campaign }));
    const reached = stored.filter(({ got }) => got[campaign] !== undefined);
    const byState = (state: string) => reached.filter(({ got }) => got[campaign]?.state === state);
    const ordered = [...byState("sent"), ...byState("read")];
    await makeJobs(
      database,
      run,
      { sent: byState("sent").length, read: byState("read").length },
      { ago: "25 hours", contacts: ordered },
    );
  }
  return stored;
}

function rowOf({
  phone,
  firstName,
  email,
  language,
  attributes,
  createdDays,
  inboundDays,
  optedInDays,
}: Person) {
  return {
    phone,
    first_name: firstName,
    email,
    language,
    attributes,
    created_days: createdDays,
    inbound_days: inboundDays,
    opted_in_days: optedInDays,
  };
}

/** The phones of those whom the compiled condition, and adsapp_meets, finds. */
async function found(condition: Condition): Promise<{ compiled: string[]; judged: string[] }> {
  const parameters: unknown[] = [organization.id, JSON.stringify(condition)];
  const sql = conditionSql(condition, (value) => `$${parameters.push(value)}`);
  const rows = await database.transaction(worker, (tx) =>
    tx.query<{ phone: string; compiled: boolean; judged: boolean }>(
      `select c.phone, ${sql} as compiled, adsapp_meets(c, $2, null) as judged from contacts c where c.organization_id = $1 order by c.phone`,
      parameters,
    ),
  );
  return {
    compiled: rows.filter(({ compiled }) => compiled).map(({ phone }) => phone),
    judged: rows.filter(({ judged }) => judged).map(({ phone }) => phone),
  };
}

const days = fc.integer({ min: 1, max: 40 });
const city = fc.constantFrom("Utrecht", "utrecht", "Zeist", "5", "10", "true", "none");
const attribute = fc.constantFrom(
  "attributes.city",
  "attributes.orders",
  "attributes.vip",
  "attributes.last_order",
  "attributes.none",
);
const field = fc.oneof(fc.constantFrom("first_name", "email", "language"), attribute);
const compare = fc.constantFrom("gt" as const, "gte" as const, "lt" as const, "lte" as const);
const leaf: fc.Arbitrary<Condition> = fc.oneof(
  fc.constantFrom("vip", "leads", "none").map((tag) => ({ tag })),
  fc.constantFrom("klanten", "pers", "none").map((list) => ({ list })),
  fc.record(
    { event: fc.constantFrom("signed_up", "purchased"), within_days: days },
    { requiredKeys: ["event"] },
  ),
  fc.record(
    { received: fc.constantFrom("Sale", "Lente", "none"), within_days: days },
    { requiredKeys: ["received"] },
  ),
  fc.record({ opened: fc.constantFrom("Sale", "Lente"), within_days: days }, { requiredKeys: ["opened"] }),
  days.map((replied_within_days) => ({ replied_within_days })),
  fc.record({
    field,
    op: fc.constantFrom("eq" as const, "ne" as const),
    value: fc.oneof(city, fc.constantFrom(5, 10, true)),
  }),
  fc.record({ field, op: fc.constant("in" as const), value: fc.array(city, { minLength: 1, maxLength: 3 }) }),
  fc.record({
    field: fc.constant("country"),
    op: fc.constantFrom("eq" as const, "ne" as const),
    value: fc.constantFrom("NL", "BE", "CA", "US", "DE"),
  }),
  fc.record({ field, op: fc.constant("contains" as const), value: fc.constantFrom("u", "E", "@", "1") }),
  fc.record({
    field: fc.oneof(field, fc.constantFrom("opted_in_at", "last_inbound_at")),
    op: fc.constant("exists" as const),
    value: fc.boolean(),
  }),
  fc.record({
    field: attribute,
    op: compare,
    value: fc.constantFrom<string | number>(5, 7.5, -1, "Utrecht", "2026-06-01", ""),
  }),
  fc.record({
    field: fc.constantFrom(
      "created_at",
      "last_inbound_at",
      "opted_in_at",
      "attributes.last_order",
      "attributes.city",
    ),
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

describe("a condition as SQL", () => {
  it("finds whom a plain model of the words finds, and whom adsapp_meets does", async () => {
    const now = new Date(
      (await database.transaction(worker, (tx) => tx.one<{ now: Date }>("select adsapp_now() as now")))
        ?.now ?? 0,
    );
    const sizes = new Set<number>();
    await fc.assert(
      fc.asyncProperty(condition, async (wanted) => {
        const { compiled, judged } = await found(wanted);
        const expected = crowd.filter((person) => meets(person, wanted, now)).map(({ phone }) => phone);
        sizes.add(expected.length);
        expect(compiled).toEqual(expected.sort());
        expect(judged).toEqual(compiled);
      }),
      { numRuns: 120 },
    );
    expect(sizes.size).toBeGreaterThan(5); // neither everybody nor nobody each time
  });

  it("takes words that are text for SQL as words", async () => {
    const nasty = "x') or true -- $1 '{}'";
    for (const wanted of [
      { tag: nasty },
      { received: nasty },
      { field: `attributes.${nasty}`, op: "eq" as const, value: nasty },
      { field: `attributes.${nasty}`, op: "within_days" as const, value: 3 },
    ])
      expect((await found(wanted)).compiled).toEqual([]);
  });

  it("leaves a filter that SQL wrote past the schema to the database: whatever it cannot read is met by nobody", async () => {
    const parameters: unknown[] = [organization.id];
    const sql = filterSql({ all: "x" })((value) => `$${parameters.push(value)}`);
    const rows = await database.transaction(worker, (tx) =>
      tx.query(`select c.id from contacts c where c.organization_id = $1 and ${sql}`, parameters),
    );
    expect(rows).toEqual([]);
  });
});

describe("adsapp_country", () => {
  it("is libphonenumber's, for a number of every country", async () => {
    const numbers = getCountries().flatMap((country) => getExampleNumber(country, examples)?.number ?? []);
    const rows = await database.transaction(worker, (tx) =>
      tx.query<{ phone: string; country: string | null }>(
        "select p.phone, adsapp_country(p.phone) as country from unnest($1::text[]) as p(phone)",
        [numbers],
      ),
    );
    const wrong = rows.filter(({ phone, country }) => parsePhoneNumberFromString(phone)?.country !== country);
    expect(wrong).toEqual([]);
    const found = await Promise.all(
      ["NL", "US", "CA", "GB", "FI", "CW"].map((country) =>
        phonesOf({ field: "country", op: "in", value: [country] }, numbers),
      ),
    );
    const expected = ["NL", "US", "CA", "GB", "FI", "CW"].map((country) =>
      rows.filter((row) => row.country === country).map(({ phone }) => phone),
    );
    expect(found).toEqual(expected);
    expect(rows.length).toBeGreaterThan(230);
  });
});

/** Those of the phones that a compiled condition finds. */
async function phonesOf(wanted: Condition, phones: readonly string[]): Promise<string[]> {
  const parameters: unknown[] = [phones];
  const sql = conditionSql(wanted, (value) => `$${parameters.push(value)}`);
  const rows = await database.transaction(worker, (tx) =>
    tx.query<{ phone: string }>(
      `select c.phone from unnest($1::text[]) as c(phone) where ${sql}`,
      parameters,
    ),
  );
  return rows.map(({ phone }) => phone);
}
