import fc from "fast-check";
import { DateTime } from "luxon";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { operator, worker } from "../../src/db/identity.ts";
import { enrollmentsOf, makeDrip, makeEnrollments, settleSteps } from "../support/drip-factories.ts";
import { makeContacts } from "../support/factories.ts";
import { at, attempt, offsetTo, setup, useDatabase } from "./drip-setup.ts";

const base = useDatabase();
const AMSTERDAM = "Europe/Amsterdam";

interface FirstStep {
  enrollmentId: string;
  /** the organization's local time of the first message */
  local: DateTime;
}

async function firstSteps(drip: { id: string }): Promise<FirstStep[]> {
  const rows = await base.database.transaction(worker, (tx) =>
    tx.query<{ enrollmentId: string; scheduledFor: Date }>(
      "select enrollment_id, scheduled_for from drip_message_logs where campaign_id = $1 and step_order = 1 order by scheduled_for",
      [drip.id],
    ),
  );
  return rows.map(({ enrollmentId, scheduledFor }) => ({
    enrollmentId,
    local: DateTime.fromJSDate(scheduledFor, { zone: AMSTERDAM }),
  }));
}

/** How many first messages each local day has, in order. */
async function perDay(drip: { id: string }): Promise<Record<string, number>> {
  const days: Record<string, number> = {};
  for (const { local } of await firstSteps(drip)) {
    const day = local.toISODate() as string;
    days[day] = (days[day] ?? 0) + 1;
  }
  return days;
}

/** The book that planning keeps is what the messages say. */
async function expectBooksToBalance(drip: { id: string }): Promise<void> {
  const booked = await base.database.transaction(worker, (tx) =>
    tx.query<{ date: string; planned: number }>(
      "select date, planned from drip_first_steps where campaign_id = $1 and planned <> 0 order by date",
      [drip.id],
    ),
  );
  expect(Object.fromEntries(booked.map(({ date, planned }) => [date, planned]))).toEqual(await perDay(drip));
}

const capped = (n: number, settings = {}) => ({ settings: { maxContactsPerDay: n, ...settings } });
const MONDAY = "2027-01-11T09:00Z"; // 10:00 in Amsterdam

describe("maxContactsPerDay", () => {
  it("fills the days one after the other, at the same local time of day", async () => {
    const { organization } = await setup(base);
    const drip = await makeDrip(base.database, organization, capped(3));
    await at(base, offsetTo(MONDAY), async (tx) =>
      makeEnrollments(tx, drip, await makeContacts(tx, organization, 8)),
    );
    expect(await perDay(drip)).toEqual({ "2027-01-11": 3, "2027-01-12": 3, "2027-01-13": 2 });
    const minutes = (await firstSteps(drip)).map(({ local }) => local.toFormat("HH:mm"));
    expect(new Set(minutes).size).toBe(1);
    await expectBooksToBalance(drip);
  });

  it("keeps the local time over a change of clocks, in the contact's zone", async () => {
    const { organization } = await setup(base);
    const drip = await makeDrip(base.database, organization, {
      ...capped(1),
      steps: [{ days: 0, sendAt: "10:00" }],
    });
    await at(base, offsetTo("2027-03-27T06:00Z"), async (tx) =>
      makeEnrollments(tx, drip, await makeContacts(tx, organization, 3)),
    );
    expect((await firstSteps(drip)).map(({ local }) => local.toISO({ suppressMilliseconds: true }))).toEqual([
      "2027-03-27T10:00:00+01:00",
      "2027-03-28T10:00:00+02:00",
      "2027-03-29T10:00:00+02:00",
    ]);
  });

  it("serves first who comes first, statement by statement, and fills the holes that later days have left", async () => {
    const { organization } = await setup(base);
    const drip = await makeDrip(base.database, organization, capped(2));
    const enter = (moment: string, n: number) =>
      at(base, offsetTo(moment), async (tx) =>
        makeEnrollments(tx, drip, await makeContacts(tx, organization, n)),
      );
    const first = await enter("2027-01-11T09:00Z", 3);
    const later = await enter("2027-01-14T09:00Z", 1);
    const last = await enter("2027-01-11T10:00Z", 6);
    const days = new Map(
      (await firstSteps(drip)).map(({ enrollmentId, local }) => [enrollmentId, local.day]),
    );
    const daysOf = (people: { id: string }[]) => people.map(({ id }) => days.get(id)).sort();
    expect([daysOf(first), daysOf(later), daysOf(last)]).toEqual([
      [11, 11, 12],
      [14],
      [12, 13, 13, 14, 15, 15],
    ]);
    await expectBooksToBalance(drip);
  });

  it("passes over closed days and holidays, and holds on the days that are open", async () => {
    const businessHours = {
      mon: [["09:00", "17:00"]],
      tue: [["09:00", "17:00"]],
      fri: [["09:00", "12:00"]],
      holidays: ["2027-01-12"],
    };
    const { organization } = await setup(base, { businessHours });
    const drip = await makeDrip(base.database, organization, capped(2, { respectBusinessHours: true }));
    await at(base, offsetTo("2027-01-11T13:30Z"), async (tx) =>
      makeEnrollments(tx, drip, await makeContacts(tx, organization, 7)),
    );
    expect(await perDay(drip)).toEqual({
      "2027-01-11": 2,
      "2027-01-15": 2,
      "2027-01-18": 2,
      "2027-01-19": 1,
    });
    for (const { local } of await firstSteps(drip)) expect(local.hour).toBe(local.weekday === 5 ? 9 : 14);
    await expectBooksToBalance(drip);
  });

  it("gives a day that is closed here to those only for whom it is open where they live", async () => {
    const { organization } = await setup(base, { businessHours: { mon: [["09:00", "17:00"]] } });
    const drip = await makeDrip(base.database, organization, capped(2, { respectBusinessHours: true }));
    const sunday = offsetTo("2027-01-10T20:30Z"); // Monday 09:30 in Auckland
    await at(base, sunday, async (tx) => {
      const far = await makeContacts(tx, organization, 3, { timezone: "Pacific/Auckland" });
      await makeEnrollments(tx, drip, [...(await makeContacts(tx, organization, 3)), ...far]);
    });
    const days = await perDay(drip);
    expect(days["2027-01-10"]).toBe(2);
    expect(Math.max(...Object.values(days))).toBe(2);
    await expectBooksToBalance(drip);
  });

  it("bounds raw SQL of people too, and refuses a number that is none", async () => {
    const { organization } = await setup(base);
    const drip = await makeDrip(base.database, organization, capped(1));
    const contacts = await makeContacts(base.database, organization, 3);
    const insert = "insert into drip_enrollments (campaign_id, contact_id) select $1, unnest($2::uuid[])";
    expect(
      await attempt(base, operator(organization.profileId), insert, [drip.id, contacts.map(({ id }) => id)]),
    ).toBe(3);
    expect(Object.values(await perDay(drip))).toEqual([1, 1, 1]);
    for (const wrong of ["0", "-1"])
      expect(
        await attempt(
          base,
          operator(organization.profileId),
          "update drip_campaigns set settings = $2 where id = $1",
          [drip.id, `{"maxContactsPerDay": ${wrong}}`],
        ),
      ).toBe("23514");
  });

  it("holds when two connections enter people at once", async () => {
    const { organization } = await setup(base);
    const drip = await makeDrip(base.database, organization, capped(4));
    const contacts = await makeContacts(base.database, organization, 60);
    const clients = await Promise.all(
      [0, 1, 2].map(async () => {
        const client = new pg.Client({ connectionString: base.url });
        await client.connect();
        await client.query("set role adsapp_worker");
        return client;
      }),
    );
    await Promise.all(
      clients.map(async (client, mine) => {
        for (let turn = 0; turn < 5; turn++)
          await client.query(
            "insert into drip_enrollments (campaign_id, contact_id) select $1, unnest($2::uuid[])",
            [drip.id, contacts.slice(mine * 20 + turn * 4, mine * 20 + turn * 4 + 4).map(({ id }) => id)],
          );
      }),
    );
    await Promise.all(clients.map((client) => client.end()));
    expect(Object.values(await perDay(drip))).toEqual(Array(15).fill(4));
    await expectBooksToBalance(drip);
  });

  it("holds after a pause: whoever waited is placed again, in order, beside those who have had theirs", async () => {
    const { organization } = await setup(base);
    const drip = await makeDrip(base.database, organization, {
      ...capped(2),
      steps: [{ minutes: 5, sendAt: "10:00" }, { days: 2 }],
    });
    const set = (moment: string, status: string) =>
      at(base, offsetTo(moment), (tx) =>
        tx.run("update drip_campaigns set status = $2 where id = $1", [drip.id, status]),
      );
    const people = await at(base, offsetTo("2027-01-11T08:00Z"), async (tx) =>
      makeEnrollments(tx, drip, await makeContacts(tx, organization, 7)),
    );
    const [today] = await firstSteps(drip);
    await settleSteps(base.database, [{ id: today?.enrollmentId ?? "" }], "sent", {
      at: new Date("2027-01-11T09:00Z"),
    });
    const before = (await firstSteps(drip))
      .map(({ enrollmentId }) => enrollmentId)
      .filter((id) => id !== today?.enrollmentId);
    await set("2027-01-11T08:30Z", "paused");
    await set("2027-01-13T15:00Z", "active");
    const days = await perDay(drip);
    expect(days).toEqual({
      "2027-01-11": 1,
      "2027-01-14": 1,
      "2027-01-15": 2,
      "2027-01-16": 2,
      "2027-01-17": 1,
    });
    for (const { local } of await firstSteps(drip)) expect(local.toFormat("HH:mm")).toBe("10:00");
    const order = new Map(
      (await firstSteps(drip)).map(({ enrollmentId, local }) => [enrollmentId, local.toMillis()]),
    );
    const moved = before.map((id) => order.get(id) as number);
    expect(moved).toEqual([...moved].sort((a, b) => a - b));
    expect(
      (
        await enrollmentsOf(
          base.database,
          people.map(({ id }) => id),
        )
      ).every(({ nextMessageAt }) => nextMessageAt),
    ).toBe(true);
    await expectBooksToBalance(drip);
  });
});

describe("whoever enters, whenever, in whatever hours", () => {
  const batch = fc.record({
    day: fc.integer({ min: 0, max: 9 }),
    hour: fc.integer({ min: 0, max: 23 }),
    people: fc.integer({ min: 1, max: 12 }),
    zone: fc.constantFrom(null, "America/New_York", "Pacific/Auckland"),
  });
  const hours = fc.constantFrom<object | null>(
    null,
    {
      mon: [["09:00", "17:00"]],
      wed: [["22:00", "02:00"]],
      sat: [["10:00", "12:00"]],
      holidays: ["2027-03-29"],
    },
    { sun: [["00:00", "24:00"]], thu: [["06:00", "07:00"]] },
  );

  it("no local day has more than its number, nobody is lost or early, and no open day is left out", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(batch, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 5 }),
        hours,
        fc.option(fc.constantFrom("10:00", "02:30"), { nil: undefined }),
        async (batches, cap, businessHours, sendAt) => {
          const { organization } = await setup(base, { businessHours: businessHours ?? {} });
          const drip = await makeDrip(base.database, organization, {
            ...capped(cap, { respectBusinessHours: businessHours !== null }),
            steps: [{ minutes: 0, ...(sendAt === undefined ? {} : { sendAt }) }],
          });
          for (const { day, hour, people, zone } of batches) {
            const moment = DateTime.fromISO("2027-03-22T00:00Z").plus({ days: day, hours: hour }).toJSDate();
            const entered = await at(base, offsetTo(moment), async (tx) =>
              makeEnrollments(
                tx,
                drip,
                await makeContacts(tx, organization, people, zone === null ? {} : { timezone: zone }),
              ),
            );
            for (const { nextMessageAt } of entered)
              expect(nextMessageAt?.getTime()).toBeGreaterThanOrEqual(moment.getTime() - 5_000);
          }
          const days = await perDay(drip);
          expect(Math.max(...Object.values(days))).toBeLessThanOrEqual(cap);
          const everyone = batches.reduce((sum, { people }) => sum + people, 0);
          expect(Object.values(days).reduce((a, b) => a + b, 0)).toBe(everyone);
          if (businessHours === null && batches.length === 1 && sendAt === undefined)
            expect(
              Object.values(days)
                .slice(0, -1)
                .every((n) => n === cap),
            ).toBe(true);
          await expectBooksToBalance(drip);
        },
      ),
      { numRuns: 40 },
    );
  });
});
