import pg from "pg";
import { describe, expect, it } from "vitest";
import { operator, worker } from "../../src/db/identity.ts";
import { enrollmentsOf, logsOf, makeDrip, makeEnrollments, settleSteps } from "../support/drip-factories.ts";
import { makeContacts } from "../support/factories.ts";
import { at, attempt, HOUR, offsetTo, setup, useDatabase } from "./drip-setup.ts";

const base = useDatabase();

const run = (sql: string, ...parameters: unknown[]) =>
  base.database.transaction(worker, (tx) => tx.run(sql, parameters));
const runAt = (moment: string, sql: string, ...parameters: unknown[]) =>
  at(base, offsetTo(moment), (tx) => tx.run(sql, parameters));
const leave = (id: string, status: string, reason: string | null = null) =>
  run("update drip_enrollments set status = $2, exit_reason = $3 where id = $1", id, status, reason);
const pauseOne = "update drip_enrollments set status = 'paused' where id = $1";
const resumeOne = "update drip_enrollments set status = 'active' where id = $1";
const setDrip = "update drip_campaigns set status = $2 where id = $1";
const now = async ({ id }: { id: string }) =>
  (await base.database.transaction(worker, (tx) =>
    tx.one<{ status: string; exitReason: string | null; nextMessageAt: Date | null; ended: boolean }>(
      "select status, exit_reason, next_message_at, ended_at is not null as ended from drip_enrollments where id = $1",
      [id],
    ),
  )) as { status: string; exitReason: string | null; nextMessageAt: Date | null; ended: boolean };
const log = async (of: { id: string }) => (await logsOf(base.database, of)).at(-1);
const dueOf = async (of: { id: string }) => (await now(of)).nextMessageAt?.getTime() ?? Number.NaN;
const near = (moment: number | string) => ({
  asymmetricMatch: (value: number) => Math.abs(value - new Date(moment).getTime()) < 5_000,
});

/** Somebody entered at a moment, with a step an hour later. */
async function enteredAt(
  moment: string,
  drip: Parameters<typeof makeDrip>[2] = { steps: [{ hours: 1 }, { days: 1 }] },
) {
  const { organization } = await setup(base, { people: 0 });
  const made = await makeDrip(base.database, organization, drip);
  const [contact] = await makeContacts(base.database, organization, 1);
  const [first] = await at(base, offsetTo(moment), (tx) =>
    makeEnrollments(tx, made, [contact as { id: string }]),
  );
  return { organization, drip: made, contact: contact as { id: string }, first: first as { id: string } };
}

describe("leaving", () => {
  it.each([
    ["dropped", "unenrolled", "unenrolled"],
    ["opted_out", null, "opted_out"],
    ["completed", null, "completed"],
  ])("as %s closes what waits as skipped, with the reason", async (status, reason, expected) => {
    const { first } = await setup(base);
    await leave(first.id, status, reason);
    expect(await log(first)).toMatchObject({ status: "skipped", skipReason: expected, nextAttemptAt: null });
    expect(await now(first)).toMatchObject({ status, nextMessageAt: null, ended: true });
  });

  it("leaves a message that is on its way to end, and plans nothing after it", async () => {
    const { first } = await setup(base);
    await settleSteps(base.database, [first], "dispatching");
    await leave(first.id, "dropped");
    expect(await log(first)).toMatchObject({ status: "dispatching" });
    await settleSteps(base.database, [first], "sent");
    expect((await logsOf(base.database, first)).map(({ status }) => status)).toEqual(["sent"]);
  });

  it("can be taken back: whoever is active again gets the step that comes next", async () => {
    const { first } = await setup(base);
    await settleSteps(base.database, [first], "sent");
    await leave(first.id, "dropped");
    await run(resumeOne, first.id);
    expect(await now(first)).toMatchObject({
      status: "active",
      ended: false,
      nextMessageAt: expect.any(Date),
    });
    expect(await log(first)).toMatchObject({ stepOrder: 3, status: "pending" });
  });

  it.each([
    ["opted_out_at", "opted_out", "opted_out"],
    ["blocked_at", "dropped", "blocked"],
    ["erased_at", "dropped", "erased"],
    ["undeliverable_at", "dropped", "undeliverable"],
  ])("comes by itself with a contact's %s", async (column, status, reason) => {
    const { people, contacts } = await setup(base, { people: 2 });
    await run(`update contacts set ${column} = adsapp_now() where id = $1`, contacts[0]?.id);
    expect(await now(people[0] as { id: string })).toMatchObject({ status, exitReason: reason });
    expect(await log(people[0] as { id: string })).toMatchObject({ status: "skipped", skipReason: reason });
    expect(await now(people[1] as { id: string })).toMatchObject({ status: "active" });
  });

  it("keeps an opted-out person in a transactional drip, until they are blocked", async () => {
    const { first, contacts } = await setup(base, { drip: { settings: { transactional: true } } });
    await run("update contacts set opted_out_at = adsapp_now() where id = $1", contacts[0]?.id);
    expect(await now(first)).toMatchObject({ status: "active" });
    await run("update contacts set blocked_at = adsapp_now() where id = $1", contacts[0]?.id);
    expect(await now(first)).toMatchObject({ status: "dropped", exitReason: "blocked" });
  });

  it("forgives a number that was undeliverable before it was enrolled", async () => {
    const { organization, drip } = await setup(base, { people: 0 });
    const [contact] = await makeContacts(base.database, organization, 1);
    await run(
      "update contacts set undeliverable_at = adsapp_now() - interval '1 day' where id = $1",
      contact?.id,
    );
    const [entered] = await makeEnrollments(base.database, drip, [contact as { id: string }]);
    await run("update contacts set first_name = 'Jan' where id = $1", contact?.id);
    expect(await now(entered as { id: string })).toMatchObject({ status: "active" });
  });
});

describe("pausing", () => {
  it("one person stops the clock; resuming adds the time that was lost", async () => {
    const { first } = await enteredAt("2027-01-11T08:00Z");
    await runAt("2027-01-11T08:20Z", pauseOne, first.id);
    expect(await log(first)).toMatchObject({ status: "pending", nextAttemptAt: null });
    await runAt("2027-01-13T08:20Z", resumeOne, first.id);
    expect(await dueOf(first)).toEqual(near("2027-01-13T09:00Z"));
    expect((await log(first))?.nextAttemptAt?.getTime()).toEqual(near("2027-01-13T09:00Z"));
    expect((await log(first))?.scheduledFor.getTime()).toEqual(near("2027-01-13T09:00Z"));
  });

  it("a drip stops everyone's, and whoever enters meanwhile counts from its resume", async () => {
    const { first, drip, organization } = await enteredAt("2027-01-11T08:00Z");
    await runAt("2027-01-11T08:20Z", setDrip, drip.id, "paused");
    const [late] = await at(base, offsetTo("2027-01-12T08:00Z"), async (tx) =>
      makeEnrollments(tx, drip, await makeContacts(tx, organization, 1)),
    );
    await runAt("2027-01-13T08:20Z", setDrip, drip.id, "active");
    expect(await dueOf(first)).toEqual(near("2027-01-13T09:00Z"));
    expect(await dueOf(late as { id: string })).toEqual(near("2027-01-13T09:20Z"));
  });

  it("applies sendAt and the hours again, so that nothing bursts", async () => {
    const { organization } = await setup(base, { people: 0, businessHours: { fri: [["09:00", "17:00"]] } });
    const drip = await makeDrip(base.database, organization, {
      settings: { respectBusinessHours: true },
      steps: [{ days: 1, sendAt: "10:00" }],
    });
    const [first] = await at(base, offsetTo("2027-01-13T08:00Z"), async (tx) =>
      makeEnrollments(tx, drip, await makeContacts(tx, organization, 1)),
    );
    expect(await dueOf(first as { id: string })).toEqual(near("2027-01-15T08:00Z"));
    await runAt("2027-01-14T12:00Z", setDrip, drip.id, "paused");
    await runAt("2027-01-16T12:00Z", setDrip, drip.id, "active");
    expect(await dueOf(first as { id: string })).toEqual(near("2027-01-22T08:00Z"));
  });

  it.each([
    ["the drip first, the drip's end first", ["drip", "one"], ["drip", "one"]],
    ["the drip first, the person's end first", ["drip", "one"], ["one", "drip"]],
    ["the person first, the drip's end first", ["one", "drip"], ["drip", "one"]],
    ["the person first, the person's end first", ["one", "drip"], ["one", "drip"]],
  ])("of both counts each minute once: %s", async (_what, begins, ends) => {
    const { first, drip } = await enteredAt("2027-01-11T08:00Z");
    const set = (moment: string, which: string | undefined, on: boolean) =>
      which === "drip"
        ? runAt(moment, setDrip, drip.id, on ? "paused" : "active")
        : runAt(moment, on ? pauseOne : resumeOne, first.id);
    await set("2027-01-11T08:20Z", begins[0], true);
    await set("2027-01-11T12:00Z", begins[1], true);
    await set("2027-01-12T12:00Z", ends[0], false);
    await set("2027-01-13T08:20Z", ends[1], false);
    expect(await dueOf(first)).toEqual(near("2027-01-13T09:00Z"));
  });

  it("and resuming of two people in one statement, crosswise, changes both", async () => {
    const { people } = await setup(base, { people: 2 });
    const [one, two] = [people[0] as { id: string }, people[1] as { id: string }];
    await run(pauseOne, one.id);
    await run("update drip_enrollments set next_message_at = '2027-01-11T08:00Z' where id = any ($1)", [
      one.id,
      two.id,
    ]);
    await run(
      "update drip_enrollments set status = case status when 'paused' then 'active' else 'paused' end where id = any ($1)",
      [one.id, two.id],
    );
    expect(await log(two)).toMatchObject({ nextAttemptAt: null });
    expect(await log(one)).toMatchObject({ nextAttemptAt: expect.any(Date) });
  });
});

describe("a drip's own life", () => {
  it("archive drops whoever is in it, paused ones too, and whoever enters afterwards", async () => {
    const { people, drip, organization } = await setup(base, { people: 2 });
    await run(pauseOne, people[1]?.id);
    await run(setDrip, drip.id, "archived");
    const [late] = await makeEnrollments(
      base.database,
      drip,
      await makeContacts(base.database, organization, 1),
    );
    for (const person of [...people, late as { id: string }])
      expect(await now(person)).toMatchObject({
        status: "dropped",
        exitReason: "archived",
        nextMessageAt: null,
      });
    expect((await logsOf(base.database, drip)).map(({ skipReason }) => skipReason)).toEqual([
      "archived",
      "archived",
    ]);
  });

  it("activate plans those who were enrolled in the draft", async () => {
    const { people, drip } = await setup(base, { people: 2, drip: { status: "draft" } });
    expect(people.map(({ nextMessageAt }) => nextMessageAt)).toEqual([null, null]);
    await run(setDrip, drip.id, "active");
    expect((await logsOf(base.database, drip)).map(({ status }) => status)).toEqual(["pending", "pending"]);
    const due = (
      await enrollmentsOf(
        base.database,
        people.map(({ id }) => id),
      )
    ).map(({ nextMessageAt }) => nextMessageAt?.getTime());
    expect(due).toEqual([near(Date.now()), near(Date.now())]);
  });

  it("a step with messages stays when an operator deletes it; the drip as a whole may go", async () => {
    const { organization, drip } = await setup(base);
    const person = operator(organization.profileId);
    const [used, , unused] = drip.stepIds;
    expect(
      await attempt(base, person, "delete from drip_campaign_steps where id = any ($1)", [[used, unused]]),
    ).toBe(1);
    expect((await logsOf(base.database, drip)).length).toBe(1);
    expect(await attempt(base, person, "delete from drip_campaigns where id = $1", [drip.id])).toBe(1);
  });
});

describe("raw SQL", () => {
  it("on next_message_at is followed by the message, as an operator too", async () => {
    const { organization, first } = await setup(base);
    const moment = new Date("2027-01-11T08:00Z");
    const update = "update drip_enrollments set next_message_at = $2 where id = $1";
    expect(await attempt(base, operator(organization.profileId), update, [first.id, moment])).toBe(1);
    expect(await log(first)).toMatchObject({ scheduledFor: moment, nextAttemptAt: moment });
  });

  it("does not bring a retry forward, and keeps when it was planned for", async () => {
    const { first } = await setup(base);
    const retry = new Date(Date.now() + HOUR);
    await run(
      "update drip_message_logs set attempts = 1, next_attempt_at = $2 where enrollment_id = $1",
      first.id,
      retry,
    );
    const planned = (await log(first))?.scheduledFor;
    await run("update drip_enrollments set next_message_at = adsapp_now() where id = $1", first.id);
    expect(await log(first)).toMatchObject({ nextAttemptAt: retry, scheduledFor: planned });
  });

  it.each([
    ["never", "23505"],
    ["after_completion", 1],
  ])("enters someone a second time, reentry %s: %s", async (reentry, expected) => {
    const { drip, contacts, first } = await setup(base, { drip: { settings: { reentry } } });
    const insert = "insert into drip_enrollments (campaign_id, contact_id) values ($1, $2)";
    expect(await attempt(base, worker, insert, [drip.id, contacts[0]?.id])).toBe("23505");
    await leave(first.id, "completed");
    expect(await attempt(base, worker, insert, [drip.id, contacts[0]?.id])).toBe(expected);
    const entries = await base.database.transaction(worker, (tx) =>
      tx.query("select entry_no from drip_enrollments where campaign_id = $1 order by 1", [drip.id]),
    );
    expect(entries).toEqual(expected === 1 ? [{ entryNo: 1 }, { entryNo: 2 }] : [{ entryNo: 1 }]);
  });

  it("of two connections at once leaves one open enrollment", async () => {
    const { drip, organization } = await setup(base, {
      people: 0,
      drip: { settings: { reentry: "after_completion" } },
    });
    const [contact] = await makeContacts(base.database, organization, 1);
    const clients = [0, 1, 2, 3].map(() => new pg.Client({ connectionString: base.url }));
    await Promise.all(clients.map((client) => client.connect()));
    const answers = await Promise.allSettled(
      clients.map((client) =>
        client.query("insert into drip_enrollments (campaign_id, contact_id) values ($1, $2)", [
          drip.id,
          contact?.id,
        ]),
      ),
    );
    await Promise.all(clients.map((client) => client.end()));
    expect(answers.filter(({ status }) => status === "fulfilled").length).toBe(1);
    for (const answer of answers) if (answer.status === "rejected") expect(answer.reason.code).toBe("23505");
    expect((await logsOf(base.database, drip)).length).toBe(1);
  });
});

it("people who leave, drips that pause and messages that end at the same time lose nothing and stay consistent", async () => {
  const { drip, people, contacts } = await setup(base, {
    people: 40,
    drip: { settings: { maxContactsPerDay: 10 } },
  });
  const turns = Array.from({ length: 8 }, (_, i) => i);
  await Promise.all([
    ...turns.map((i) => settleSteps(base.database, people.slice(i * 5, i * 5 + 5), "sent")),
    ...turns.map((i) =>
      run(
        "update contacts set opted_out_at = adsapp_now() where id = any ($1)",
        contacts.slice(i * 5, i * 5 + 2).map(({ id }) => id),
      ),
    ),
    run(setDrip, drip.id, "paused").then(() => run(setDrip, drip.id, "active")),
  ]);
  const stuck = await base.database.transaction(worker, (tx) =>
    tx.query(
      `select e.status, l.status as log from drip_enrollments e left join drip_message_logs l on l.enrollment_id = e.id and l.status in ('pending', 'dispatching')
        where e.campaign_id = $1 and (e.ended_at is null) <> (l.id is not null)`,
      [drip.id],
    ),
  );
  expect(stuck).toEqual([]);
  const counts = await base.database.transaction(worker, (tx) =>
    tx.one(
      "select messages_sent, enrollments_active, enrollments_opted_out from drip_campaigns where id = $1",
      [drip.id],
    ),
  );
  expect(counts).toMatchObject({ enrollmentsActive: 24, enrollmentsOptedOut: 16 });
});
