import { describe, expect, it } from "vitest";
import { worker } from "../../src/db/identity.ts";
import { makeContacts, makeOrganization } from "../support/factories.ts";
import { useDatabase } from "./drip-setup.ts";

const base = useDatabase();

/** Whether a person with known data meets a condition. */
async function judge(conditions: readonly unknown[], since: string | null = null): Promise<boolean[]> {
  const organization = await makeOrganization(base.database);
  const [contact] = await makeContacts(base.database, organization, 1, {
    tags: ["leads"],
    firstName: "Jan",
    attributes: { city: "Utrecht", orders: 7, vip: true, since: "kortgeleden" },
    lastInboundAt: new Date(Date.now() - 3 * 86_400_000),
    createdAt: new Date(Date.now() - 30 * 86_400_000),
  });
  return base.database.transaction(worker, async (tx) => {
    await tx.run(
      `with l as (insert into contact_lists (organization_id, name) values ($1, 'klanten') returning id)
       insert into contact_list_members (organization_id, list_id, contact_id) select $1, id, $2 from l`,
      [organization.id, contact?.id],
    );
    await tx.run(
      "insert into contact_events (organization_id, contact_id, type, name, occurred_at) values ($1, $2, 'custom_event', 'purchased', adsapp_now() - interval '10 days')",
      [organization.id, contact?.id],
    );
    const rows = await tx.query<{ met: boolean }>(
      `select adsapp_meets(c, v.condition, $3::timestamptz) as met from contacts c, jsonb_array_elements($2) with ordinality v(condition, n)
        where c.id = $1 order by v.n`,
      [contact?.id, JSON.stringify(conditions), since],
    );
    return rows.map(({ met }) => met);
  });
}

const field = (name: string, op: string, value?: unknown) => ({ field: name, op, value });

describe("adsapp_meets", () => {
  const TRUE: unknown[] = [
    { tag: "leads" },
    { list: "klanten" },
    { event: "purchased" },
    { event: "purchased", within_days: 11 },
    { replied_within_days: 4 },
    { not: { tag: "customer" } },
    { all: [{ tag: "leads" }, { any: [{ tag: "x" }, { not: { list: "x" } }] }] },
    { any: [{ tag: "x" }, { tag: "leads" }] },
    field("first_name", "eq", "Jan"),
    field("attributes.orders", "eq", 7),
    field("attributes.vip", "eq", true),
    field("attributes.city", "ne", "Breda"),
    field("attributes.nothing", "ne", "Breda"),
    field("attributes.city", "in", ["Breda", "Utrecht"]),
    field("attributes.city", "contains", "TREC"),
    field("email", "exists", false),
    field("attributes.city", "exists"),
    field("attributes.orders", "gt", 6),
    field("attributes.orders", "gte", 7),
    field("attributes.orders", "lt", 10),
    field("attributes.orders", "lte", 7),
    field("first_name", "gt", "Jam"),
    field("created_at", "within_days", 31),
  ];
  const FALSE: unknown[] = [
    { tag: "lead" },
    { list: "klant" },
    { event: "purchase" },
    { event: "purchased", within_days: 9 },
    { replied_within_days: 2 },
    { not: { tag: "leads" } },
    { all: [{ tag: "leads" }, { tag: "x" }] },
    { any: [{ tag: "x" }, { tag: "y" }] },
    field("first_name", "eq", "jan"),
    field("attributes.nothing", "eq", "x"),
    field("attributes.city", "ne", "Utrecht"),
    field("attributes.city", "in", ["Breda"]),
    field("attributes.city", "contains", "breda"),
    field("email", "exists"),
    field("attributes.orders", "gt", 7),
    field("attributes.orders", "lt", 7),
    field("attributes.city", "gt", 5),
    field("created_at", "within_days", 29),
    field("opted_in_at", "within_days", 3650),
  ];
  const MALFORMED: unknown[] = [
    null,
    "all",
    ["tag"],
    7,
    {},
    { tga: "leads" },
    { all: "leads" },
    { any: { tag: "leads" } },
    { not: 5, all: 5 },
    { event: "purchased", within_days: "many" },
    { event: "purchased", within_days: {} },
    { replied_within_days: "3" },
    field("created_at", "within_days", "x"),
    field("attributes.since", "within_days", 5),
    field("first_name", "within_days", 5),
    field("attributes.city", "in", 5),
    field("attributes.city", "gt", null),
    field("attributes.city", "wat", "Utrecht"),
    field("nothing_at", "within_days", 5),
  ];

  it.each([
    ["is true of what holds", TRUE, true],
    ["is false of what does not", FALSE, false],
    ["is false, and no fault, of what is malformed", MALFORMED, false],
  ])("%s", async (_what, conditions, expected) => {
    const answers = await judge(conditions);
    expect(conditions.filter((_, i) => answers[i] !== expected)).toEqual([]);
    expect(answers.length).toBe(conditions.length);
  });

  it("bounds a number of days that is beyond all calendars", async () => {
    expect(await judge([{ replied_within_days: 1e12 }, { replied_within_days: -5 }])).toEqual([true, false]);
  });

  it("counts no event before the given moment", async () => {
    const since = new Date(Date.now() - 5 * 86_400_000).toISOString();
    expect(await judge([{ event: "purchased" }, { tag: "leads" }], since)).toEqual([false, true]);
  });
});
