import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { operator } from "../../src/db/identity.ts";
import { previewContact } from "../../src/drips/preview-contact.ts";
import { resolveOrganization } from "../../src/organizations/organization.ts";
import { clock, dateOf, type Hours, hoursAsJson, moment, zone } from "../sql/zones.ts";
import { makeDrip, type TestStep } from "../support/drip-factories.ts";
import { makeContacts, makeSender } from "../support/factories.ts";
import { type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
  await makeSender(s.database, s.organization);
});

afterAll(() => s.end());

/** Runs one statement with the clock on a moment, to the microsecond. */
const at = <R extends object>(when: Date, sql: string, ...parameters: unknown[]) =>
  s.query<R>(
    `with clock as materialized (select set_config('adsapp.now_offset', ($1::timestamptz - statement_timestamp())::text, true) as is_set)
     select r.* from clock cross join lateral ${sql.replace("$when", "case when clock.is_set is not null then $2::uuid end")} r`,
    [when, ...parameters],
  );

/** What really happens: the contact enters, and the clock moves from one due time to the next. Stops after `steps` messages. */
async function live(dripId: string, contactId: string, from: Date | null, steps = 100) {
  if (from !== null)
    await at(
      from,
      "enroll_in_drips($when, array[$3::uuid], array[$4::uuid], null)",
      s.organization.id,
      dripId,
      contactId,
    );
  const seen: [number, string][] = [];
  for (;;) {
    const [open] = await s.query<{ enrollmentId: string; stepOrder: number; scheduledFor: Date }>(
      "select enrollment_id, step_order, scheduled_for from drip_message_logs where campaign_id = $1 and status = 'pending'",
      [dripId],
    );
    if (open === undefined || seen.length === steps) return seen;
    seen.push([open.stepOrder, open.scheduledFor.toISOString()]);
    await at(open.scheduledFor, "(select schedule_next_drip_message($when)) ", open.enrollmentId);
  }
}

/** What the preview says of the contact, entering at a moment or being where it is. */
async function told(dripId: string, contactId: string, from: Date) {
  const organization = await s.asWorker((tx) => resolveOrganization(tx, s.organization.id));
  const rehearsal = { database: s.database, identity: operator(s.organization.viewerId), organization };
  const shown = await previewContact(rehearsal, { name: dripId }, contactId, from);
  expect(shown.steps.every(({ outcome }) => outcome === "sent")).toBe(true);
  return {
    steps: shown.steps.map((step) => [step.step, step.at.toISOString()]),
    end: shown.end,
    endsAt: shown.endsAt,
  };
}

const sendAt = fc.option(fc.integer({ min: 0, max: 1439 }).map(clock), { nil: undefined });
const delay = fc.oneof(
  fc.record({ minutes: fc.integer({ min: 0, max: 300 }) }),
  fc.record({ hours: fc.integer({ min: 0, max: 60 }) }),
  fc.record({ days: fc.integer({ min: 0, max: 30 }) }),
  fc.record({ weeks: fc.integer({ min: 0, max: 30 }) }),
);
const steps = fc.array(
  fc
    .tuple(delay, sendAt)
    .map(([length, time]): TestStep => ({ ...length, ...(time === undefined ? {} : { sendAt: time }) })),
  { minLength: 1, maxLength: 5 },
);
const window = fc
  .tuple(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 0, max: 1440 }))
  .filter(([from, to]) => from !== to);
const hours: fc.Arbitrary<Hours> = fc.record({
  days: fc.record({
    sun: fc.array(window, { maxLength: 1 }),
    tue: fc.array(window, { maxLength: 2 }),
    fri: fc.array(window, { minLength: 1, maxLength: 2 }),
  }),
  holidays: fc.uniqueArray(moment.map(dateOf), { maxLength: 3 }),
});
const settings = fc.record({
  respectBusinessHours: fc.boolean(),
  ...{ maxContactsPerDay: fc.option(fc.constant(1), { nil: undefined }) },
});
const people = fc.record({
  home: zone,
  lives: fc.option(zone, { nil: undefined }),
  others: fc.integer({ min: 0, max: 2 }),
});

it("what the preview prints is what then happens: same times, same order, same end; also from half-way on", {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      moment,
      steps,
      hours,
      settings,
      people,
      async (instant, given, open, set, { home, lives, others }) => {
        const from = new Date(instant);
        await s.query("update organizations set timezone = $2, business_hours = $3 where id = $1", [
          s.organization.id,
          home,
          hoursAsJson(open),
        ]);
        const made = await makeDrip(s.database, s.organization, { settings: set, steps: given });
        const more = await makeContacts(s.database, s.organization, others);
        const [contact] = await makeContacts(
          s.database,
          s.organization,
          1,
          lives === undefined ? {} : { timezone: lives },
        );
        const { id } = contact as { id: string };
        for (const other of more) {
          await at(
            from,
            "enroll_in_drips($when, array[$3::uuid], array[$4::uuid], null)",
            s.organization.id,
            made.id,
            other.id,
          );
          await s.query(
            "update drip_enrollments set status = 'dropped' where campaign_id = $1 and contact_id = $2",
            [made.id, other.id],
          );
        }
        const entering = await told(made.id, id, from);
        const first = await live(made.id, id, from, 1);
        const staying = await told(made.id, id, from);
        const rest = await live(made.id, id, null);
        const [ended] = await s.query<{ status: string; endedAt: Date }>(
          "select status, ended_at from drip_enrollments where campaign_id = $1 and contact_id = $2",
          [made.id, id],
        );
        const end = { end: ended?.status, endsAt: ended?.endedAt };
        expect(entering).toEqual({ steps: [...first, ...rest], ...end });
        expect(entering.steps).toHaveLength(given.length);
        if (given.length > 1) expect(staying).toEqual({ steps: rest, ...end });
      },
    ),
    { numRuns: 12 },
  );
});
