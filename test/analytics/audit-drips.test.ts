import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit, type CHECKS } from "../../src/analytics/audit.ts";
import { Database } from "../../src/db/database.ts";
import { worker } from "../../src/db/identity.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeDrip, type TestDrip } from "../support/drip-factories.ts";
import { makeContacts, makeOrganization, makeSender, type TestOrganization } from "../support/factories.ts";
import { auditAfter, by, failing, type Meddle, pastTriggers } from "./ledger.ts";

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
let organization: TestOrganization;
let drip: TestDrip;

// Five people: one step sent to each by the document's loop, the second one planned.
beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url });
  organization = await makeOrganization(database);
  await makeSender(database, organization);
  drip = await makeDrip(database, organization);
  const people = await makeContacts(database, organization, 5);
  await database.transaction(worker, async (tx) => {
    const ids = people.map(({ id }) => id);
    await tx.query("select * from enroll_in_drips($1, array_fill($2::uuid, array[5]), $3, null)", [
      organization.id,
      drip.id,
      ids,
    ]);
    await tx.query(
      "select schedule_next_drip_messages(array(select id from drip_enrollments where campaign_id = $1))",
      [drip.id],
    );
  });
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const LOGS = "drip_message_logs";
const SENT = `id = (select id from ${LOGS} where step_order = 1 order by id limit 1)`;
const PLANNED = `id = (select id from ${LOGS} where step_order = 2 order by id limit 1)`;

/** An accepted message of the first log. */
const message =
  (attempt: number): Meddle =>
  async (tx) => {
    await tx.run(`update ${LOGS} set attempts = greatest(attempts, $1) where ${SENT}`, [attempt]);
    await tx.run(
      `insert into messages (organization_id, direction, contact_id, drip_message_log_id, attempt, type, provider_message_id, status, sent_at)
     select organization_id, 'outbound', contact_id, id, $1, 'text', gen_random_uuid()::text, 'sent', sent_at from ${LOGS} where ${SENT}`,
      [attempt],
    );
  };

const BREAKAGES: [(typeof CHECKS)[number], string, Meddle][] = [
  [
    "drip_counters_equal_rows",
    "a message too many",
    by("update drip_campaigns set messages_sent = messages_sent + 1"),
  ],
  ["drip_counters_equal_rows", "a person too few", by("update drip_campaigns set enrollments_active = 4")],
  [
    "drip_counters_equal_rows",
    "an enrollment that counts wrong",
    pastTriggers(
      "drip_enrollments",
      "update drip_enrollments set messages_read = 1 where id = (select min(id::text)::uuid from drip_enrollments)",
      [],
    ),
  ],
  [
    "no_drip_after_opt_out",
    "a step after the opt-out",
    pastTriggers(
      "contacts",
      `update contacts set opted_out_at = now() - interval '1 day' where id in (select contact_id from ${LOGS} where ${SENT})`,
      [],
    ),
  ],
  [
    "each_step_once",
    "two messages of one attempt",
    async (tx) => {
      await message(1)(tx);
      await message(1)(tx);
    },
  ],
  [
    "steps_in_order",
    "a step before its time",
    pastTriggers(
      LOGS,
      `update ${LOGS} set dispatched_at = scheduled_for - interval '1 minute' where ${SENT}`,
      [],
    ),
  ],
  [
    "nobody_is_stuck",
    "a step that nobody will send",
    pastTriggers(
      LOGS,
      `update ${LOGS} set status = 'cancelled', next_attempt_at = null where ${PLANNED}`,
      [],
    ),
  ],
  [
    "attempts_within_bounds",
    "a sent step without an attempt",
    pastTriggers(LOGS, `update ${LOGS} set attempts = 0 where ${SENT}`, []),
  ],
  [
    "dispatching_rows_have_a_window",
    "a step under a lane that holds no window of it",
    pastTriggers(
      LOGS,
      `update ${LOGS} set status = 'dispatching', lane_token = gen_random_uuid(), attempts = 1, dispatched_at = now(), next_attempt_at = null where ${PLANNED}`,
      [],
    ),
  ],
  [
    "status_times_agree",
    "a step that is read and was not delivered",
    pastTriggers(LOGS, `update ${LOGS} set status = 'read', read_at = now() where ${SENT}`, []),
  ],
  [
    "failures_equal_rows",
    "a failure that nobody had",
    by(
      `insert into failure_analytics (organization_id, campaign_id, campaign_type, date, error_code, failures)
       select organization_id, campaign_id, 'drip', counted_on, '131026', 1 from ${LOGS} where ${SENT}`,
    ),
  ],
  [
    "failures_equal_rows",
    "a failure that is not counted",
    pastTriggers(
      LOGS,
      `update ${LOGS} set status = 'failed', failed_at = now(), error_code = '131026' where ${SENT}`,
      [],
    ),
  ],
  [
    "within_hours",
    "a step in quiet hours",
    async (tx) => {
      await tx.run("update contacts set updated_at = created_at - interval '1 day'");
      await tx.run(
        `update drip_campaigns set settings = settings || jsonb_build_object('quietHours',
           jsonb_build_array(to_char((now() - interval '6 hours') at time zone 'Europe/Amsterdam', 'HH24:MI'),
                             to_char((now() + interval '6 hours') at time zone 'Europe/Amsterdam', 'HH24:MI')))`,
      );
      expect(failing(await audit(tx, null))).toEqual([]); // it was not so then
      await by("delete from audit_log where subject_type = 'drip_campaigns'")(tx);
    },
  ],
  [
    "drip_replies_equal_rows",
    "a reply that is not counted with its person",
    by("update drip_enrollments set replies_received = 1"),
  ],
  [
    "analytics_equal_rows",
    "a day of a drip that says more than its logs",
    by("update campaign_analytics set messages_sent = messages_sent + 1 where campaign_type = 'drip'"),
  ],
];

describe("the audit of drips", () => {
  it("is clean as they are", async () => {
    expect(failing(await auditAfter(database, async () => {}))).toEqual([]);
  });

  it.each(BREAKAGES)("finds with %s: %s", async (check, _what, meddle) => {
    const found = failing(await auditAfter(database, meddle)).map(([name]) => name);
    expect(found).toContain(check);
  });
});
