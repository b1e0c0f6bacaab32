import { audienceCondition } from "../../src/audience/condition.ts";
import { conditionSchema } from "../../src/audience/condition-schema.ts";
import { worker } from "../../src/db/identity.ts";
import { makeOrganization, type TestOrganization } from "../support/factories.ts";
import { type Bench, type Figure, timed } from "./measure.ts";
import type { BenchDatabase } from "./place.ts";
import { serverCpuSeconds } from "./processes.ts";

const PEOPLE = Number(process.env.ADSAPP_BENCH_PEOPLE ?? 1_000_000);

const THREE: Record<string, unknown> = {
  "city, tag and age": {
    all: [
      { field: "attributes.city", op: "eq", value: "Utrecht" },
      { tag: "leads" },
      { field: "created_at", op: "within_days", value: 90 },
    ],
  },
  "city, tag or event, and no reply of late": {
    all: [
      { field: "attributes.city", op: "eq", value: "Utrecht" },
      { any: [{ tag: "leads" }, { event: "signed_up", within_days: 30 }] },
      { not: { replied_within_days: 7 } },
    ],
  },
  "number, country and not a tag": {
    all: [
      { field: "attributes.orders", op: "gte", value: 90 },
      { field: "country", op: "eq", value: "NL" },
      { not: { tag: "leads" } },
    ],
  },
};

/** Segments of three conditions over a million contacts, counted as a preview counts them: as worker, the organization named. */
export const segment: Bench = async ({ newDatabase, postmaster }) => {
  const bench = await newDatabase();
  const organization = await makeOrganization(bench.database);
  await fill(bench, organization);
  const figures: Figure[] = [];
  for (const [name, where] of Object.entries(THREE)) {
    const count = counting(bench, organization, where);
    await count(); // the first one fills the cache
    const before = serverCpuSeconds(postmaster);
    const times = [await timed(count), await timed(count), await timed(count)];
    const cpu = ((serverCpuSeconds(postmaster) - before) / times.length) * 1000;
    if (process.env.ADSAPP_BENCH_EXPLAIN !== undefined)
      console.log((await count("explain (analyze, costs off) ")).join("\n"));
    figures.push(
      { what: `${name}: of ${PEOPLE}`, value: Math.min(...times), unit: "ms", wanted: "at most 1000" },
      { what: "  of the server's CPU", value: cpu, unit: "ms" }, // where others use the machine too
    );
  }
  return figures;
};

function counting({ database }: BenchDatabase, organization: TestOrganization, where: unknown) {
  const read = { type: "segment" as const, where: conditionSchema.parse(where) };
  const { condition, parameters } = audienceCondition(read, 2);
  return (prefix = "") =>
    database.transaction(worker, async (tx) => {
      const query = `${prefix}select count(*)::int as n from contacts c where c.organization_id = $1 and (${condition})`;
      const rows = await tx.query<Record<string, unknown>>(query, [organization.id, ...parameters]);
      return rows.map((row) => String(Object.values(row)[0]));
    });
}

/** A tenth of them of each city, with a tag, with an event; created over two years. */
async function fill({ sql }: BenchDatabase, { id }: TestOrganization): Promise<void> {
  await sql(
    `insert into contacts (organization_id, phone, first_name, attributes, created_at, last_inbound_at)
     select $1, '+316' || lpad(n::text, 8, '0'), 'Persoon ' || n,
            jsonb_build_object('city', (array['Utrecht','Zeist','Breda','Almere','Leiden','Delft','Ede','Goes','Assen','Hoorn'])[1 + n % 10], 'orders', n % 100),
            adsapp_now() - (n % 730) * interval '1 day', case when n % 3 = 0 then adsapp_now() - (n % 60) * interval '1 day' end
       from generate_series(1, $2::int) n`,
    [id, PEOPLE],
  );
  await sql(
    "insert into contact_tags (organization_id, contact_id, tag) select $1, id, 'leads' from contacts where organization_id = $1 and right(phone, 2) < '10'",
    [id],
  );
  await sql(
    `insert into contact_events (organization_id, contact_id, type, name, occurred_at)
     select $1, id, 'custom_event', 'signed_up', created_at from contacts where organization_id = $1 and right(phone, 1) = '3'`,
    [id],
  );
  await sql("analyze contacts, contact_tags, contact_events");
}
