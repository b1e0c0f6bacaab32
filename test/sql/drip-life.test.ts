import pg from "pg";
import { describe, expect, it } from "vitest";
import { operator, worker } from "../../src/db/identity.ts";
import { enrollmentsOf, logsOf, makeEnrollments, settleSteps } from "../support/drip-factories.ts";
import { makeContacts } from "../support/factories.ts";
import { base, leave, log, near, now, pauseOne, run, setDrip, useDripLife } from "./drip-life.ts";
import { attempt, HOUR, setup } from "./drip-setup.ts";

useDripLife();

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
