import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit } from "../../src/analytics/audit.ts";
import { Database, type Transaction } from "../../src/db/database.ts";
import { type Identity, operator, worker } from "../../src/db/identity.ts";
import { processEvents } from "../../src/events/process.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeDrip } from "../support/drip-factories.ts";
import { makeOrganization } from "../support/factories.ts";

/** As many as end within four minutes on a small machine; TAGGED=1000000 has the whole million. */
const PEOPLE = Number(process.env.TAGGED ?? 200_000);
const A_DAY = PEOPLE / 50;
const OPTED_OUT = PEOPLE / 1000;
/** A batch of events is 10,000. */
const STATEMENTS_A_BATCH = 20;
const BEGIN = Date.parse("2027-01-11T09:00:00Z");

/** Counts the statements that go to the server. */
class CountingDatabase extends Database {
  statements = 0;

  override transaction<T>(identity: Identity, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return super.transaction(identity, (tx) => work(this.#counted(tx)));
  }

  #counted(tx: Transaction): Transaction {
    const counted =
      <A extends unknown[], R>(send: (...args: A) => R) =>
      (...args: A): R => {
        this.statements++;
        return send(...args);
      };
    return {
      client: tx.client,
      query: counted(tx.query) as Transaction["query"],
      one: counted(tx.one) as Transaction["one"],
      prepared: counted(tx.prepared) as Transaction["prepared"],
      run: counted(tx.run),
    };
  }
}

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: CountingDatabase;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new CountingDatabase({
    url: testDatabase.url,
    nowOffset: `${(BEGIN - Date.now()) / 1000} seconds`,
  });
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const query = <R extends object>(sql: string, parameters: readonly unknown[] = []) =>
  database.transaction(worker, (tx) => tx.query<R>(sql, parameters));

const makePeople = (organization: { id: string }) =>
  query(
    `insert into contacts (organization_id, phone, opted_out_at)
     select $1, '+316' || lpad(i::text, 8, '0'), case when i <= $3 then adsapp_now() end from generate_series(1, $2::int) i`,
    [organization.id, PEOPLE, OPTED_OUT],
  );

describe("everybody tagged by one statement of a person's", () => {
  it("enters the drip once, a day's number a day, in a handful of statements for each ten thousand", async () => {
    const organization = await makeOrganization(database);
    const drip = await makeDrip(database, organization, {
      trigger: { type: "tag_added", tag: "vip" },
      settings: { maxContactsPerDay: A_DAY },
      exitWhen: [{ tag: "gone" }],
    });
    await makePeople(organization);
    await database.transaction(operator(organization.profileId), (tx) =>
      tx.run("insert into contact_tags (contact_id, tag) select id, 'vip' from contacts"),
    );
    const before = database.statements;

    const entered = PEOPLE - OPTED_OUT;
    expect(await processEvents(database)).toEqual({ events: PEOPLE, enrolled: entered });

    expect(database.statements - before).toBeLessThan(STATEMENTS_A_BATCH * (PEOPLE / 10_000 + 1));
    expect(
      await query(
        `select count(*)::int as enrollments, count(distinct contact_id)::int as people, count(*) filter (where next_message_at is null)::int as lost
           from drip_enrollments where campaign_id = $1`,
        [drip.id],
      ),
    ).toEqual([{ enrollments: entered, people: entered, lost: 0 }]);
    expect(
      await query(
        "select note, count(*)::int as events, bool_and(processed_at is not null) as done from contact_events where note is not null group by note",
      ),
    ).toEqual([{ note: `drip "${drip.name}": opted_out`, events: OPTED_OUT, done: true }]);
    const days = await query<{ planned: number; booked: number }>(
      `select count(*)::int as planned, max(f.planned) as booked
         from drip_message_logs l
         left join drip_first_steps f on f.campaign_id = l.campaign_id and f.date = (l.scheduled_for at time zone 'Europe/Amsterdam')::date
        where l.campaign_id = $1 and l.step_order = 1
        group by (l.scheduled_for at time zone 'Europe/Amsterdam')::date order by (l.scheduled_for at time zone 'Europe/Amsterdam')::date`,
      [drip.id],
    );
    expect(days.map(({ planned }) => planned)).toEqual([...Array(49).fill(A_DAY), A_DAY - OPTED_OUT]);
    expect(days.every(({ planned, booked }) => planned === booked)).toBe(true);
    const { checks } = await database.transaction(worker, (tx) => audit(tx, null));
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  });
});
