import { describe, expect, it } from "vitest";
import { operator, worker } from "../../src/db/identity.ts";
import {
  enrollmentsOf,
  logsOf,
  makeDrip,
  makeEnrollments,
  makeSteps,
  settleSteps,
} from "../support/drip-factories.ts";
import { makeContacts, makeOrganization } from "../support/factories.ts";
import { attempt, HOUR, offsetTo, setup, useDatabase, at as when } from "./drip-setup.ts";

const base = useDatabase();

const stateOf = async (of: { id: string }) =>
  (await logsOf(base.database, of)).map(({ stepOrder, status }) => `${stepOrder} ${status}`);
const enrollment = async ({ id }: { id: string }) => (await enrollmentsOf(base.database, [id]))[0];
const plan = (ids: readonly string[]) =>
  base.database.transaction(worker, (tx) => tx.one("select plan_drip_steps($1) as planned", [ids]));
const scheduleNext = (ids: readonly string[], offset = "0") =>
  when(base, offset, (tx) => tx.one("select schedule_next_drip_messages($1) as done", [ids]));

/** Minutes from a moment to when the enrollment's step is due. */
const minutesAfter = async (moment: Date, of: { id: string }) =>
  Math.round((((await enrollment(of))?.nextMessageAt?.getTime() ?? Number.NaN) - moment.getTime()) / 60_000);

describe("planning", () => {
  it("happens when people enter: the first step, at once, in the log and in the enrollment", async () => {
    const { drip, first } = await setup(base);
    const [log] = await logsOf(base.database, drip);
    expect(log).toMatchObject({
      enrollmentId: first.id,
      stepOrder: 1,
      status: "pending",
      scheduledFor: first.nextMessageAt,
    });
    expect(log?.nextAttemptAt).toEqual(first.nextMessageAt);
    expect(
      await base.database.transaction(worker, (tx) =>
        tx.one("select current_step_order from drip_enrollments where id = $1", [first.id]),
      ),
    ).toEqual({ currentStepOrder: 1 });
  });

  it("plans once, however often and for whatever list it is called", async () => {
    const { first, drip } = await setup(base);
    for (let turn = 0; turn < 3; turn++) expect(await plan([first.id, first.id])).toEqual({ planned: 0 });
    await settleSteps(base.database, [first], "sent");
    for (let turn = 0; turn < 3; turn++) expect(await plan([first.id])).toEqual({ planned: 0 });
    expect(await stateOf(drip)).toEqual(["1 sent", "2 pending"]);
  });

  it("never closes what is due by itself", async () => {
    const { first, drip } = await setup(base);
    await when(base, "1 day", (tx) => tx.one("select plan_drip_steps($1)", [[first.id]]));
    expect(await stateOf(drip)).toEqual(["1 pending"]);
  });

  it("completes at the end, with the time, and plans nothing after it", async () => {
    const { first, drip } = await setup(base, { drip: { steps: [{ minutes: 0 }] } });
    await settleSteps(base.database, [first], "sent");
    expect(await enrollment(first)).toMatchObject({ status: "completed", nextMessageAt: null });
    const [row] = await base.database.transaction(worker, (tx) =>
      tx.query("select ended_at is not null as ended from drip_enrollments where id = $1", [first.id]),
    );
    expect(row).toEqual({ ended: true });
    expect(await plan([first.id])).toEqual({ planned: 0 });
    expect(await stateOf(drip)).toEqual(["1 sent"]);
  });

  it("completes at once where a drip has no step", async () => {
    const { first } = await setup(base, { drip: { steps: [] } });
    expect(first.status).toBe("completed");
  });

  it("counts from when the step before was sent, from the dispatch of a held unknown, from now after a skip or a failure", async () => {
    const ago = new Date(Date.now() - 5 * HOUR);
    const steps = [{ minutes: 0 }, { hours: 24 }];
    const sent = await setup(base, { drip: { steps } });
    await settleSteps(base.database, [sent.first], "delivered", { at: ago });
    expect(await minutesAfter(ago, sent.first)).toBe(24 * 60);
    const held = await setup(base, { drip: { steps, settings: { onUnknown: "hold" } } });
    await settleSteps(base.database, [held.first], "unknown", { at: ago });
    expect(await minutesAfter(ago, held.first)).toBe(24 * 60);
    for (const status of ["skipped", "failed", "cancelled"] as const) {
      const other = await setup(base, { drip: { steps } });
      await settleSteps(base.database, [other.first], status, { at: ago });
      expect(await minutesAfter(new Date(), other.first)).toBe(24 * 60);
    }
  });

  it("waits for what is dispatching, and for an unknown outcome until it is held", async () => {
    const { first, drip } = await setup(base);
    await settleSteps(base.database, [first], "dispatching");
    await plan([first.id]);
    expect(await stateOf(drip)).toEqual(["1 dispatching"]);
    await settleSteps(base.database, [first], "unknown");
    await plan([first.id]);
    expect(await stateOf(drip)).toEqual(["1 unknown"]);
    await when(base, "24 hours 1 minute", (tx) => tx.one("select plan_drip_steps($1)", [[first.id]]));
    expect(await stateOf(drip)).toEqual(["1 unknown", "2 pending"]);
  });

  it("keeps people on the version they entered", async () => {
    const { first, drip, organization } = await setup(base);
    await makeSteps(
      base.database,
      drip,
      [
        { minutes: 0, text: "nieuw" },
        { hours: 1, text: "nieuw" },
      ],
      2,
    );
    await base.database.transaction(worker, (tx) =>
      tx.run("update drip_campaigns set current_version = 2 where id = $1", [drip.id]),
    );
    await settleSteps(base.database, [first], "sent");
    const [later] = await makeEnrollments(
      base.database,
      drip,
      await makeContacts(base.database, organization, 1),
    );
    const versions = await base.database.transaction(worker, (tx) =>
      tx.query(
        "select s.version, s.step_order from drip_message_logs l join drip_campaign_steps s on s.id = l.step_id where l.enrollment_id = any ($1) order by 1, 2",
        [[first.id, later?.id]],
      ),
    );
    expect(versions).toEqual([
      { version: 1, stepOrder: 1 },
      { version: 1, stepOrder: 2 },
      { version: 2, stepOrder: 1 },
    ]);
  });

  it("goes by the contact's own timezone where it is known", async () => {
    const { organization } = await setup(base);
    const drip = await makeDrip(base.database, organization, { steps: [{ days: 0, sendAt: "10:00" }] });
    const [here] = await makeContacts(base.database, organization, 1);
    const [there] = await makeContacts(base.database, organization, 1, { timezone: "America/New_York" });
    const entered = await when(base, offsetTo("2027-01-15T07:00Z"), (tx) =>
      makeEnrollments(tx, drip, [here, there] as { id: string }[]),
    );
    expect(entered.map(({ nextMessageAt }) => nextMessageAt?.toISOString())).toEqual([
      "2027-01-15T09:00:00.000Z",
      "2027-01-15T15:00:00.000Z",
    ]);
  });

  it("does 2,000 people in one statement (10,000: test/story/drip-year.long.ts)", async () => {
    const { organization } = await setup(base);
    const drip = await makeDrip(base.database, organization, {
      settings: { respectBusinessHours: true, maxContactsPerDay: 500 },
      steps: [{ days: 1, sendAt: "10:00" }, { days: 2 }],
    });
    const contacts = await makeContacts(base.database, organization, 2_000);
    const people = await makeEnrollments(base.database, drip, contacts);
    expect(await settleSteps(base.database, people, "sent")).toBe(2_000);
    expect((await logsOf(base.database, drip)).length).toBe(4_000);
  });
});

describe("schedule_next_drip_messages, as the document's loop calls it", () => {
  it("closes what is due as sent and plans what follows; what is not due stays, however often it is called", async () => {
    const { first, drip } = await setup(base);
    expect(await scheduleNext([first.id])).toEqual({ done: 1 });
    expect(await stateOf(drip)).toEqual(["1 sent", "2 pending"]);
    for (let turn = 0; turn < 3; turn++) expect(await scheduleNext([first.id])).toEqual({ done: 0 });
    expect(await stateOf(drip)).toEqual(["1 sent", "2 pending"]);
    expect(await minutesAfter(new Date(Date.now() - HOUR), first)).toBe(49 * 60);
    expect(await scheduleNext([first.id], "2 days 1 minute")).toEqual({ done: 1 });
    expect(await scheduleNext([first.id], "9 days")).toEqual({ done: 1 });
    expect(await enrollment(first)).toMatchObject({ status: "completed" });
    expect(await stateOf(drip)).toEqual(["1 sent", "2 sent", "3 sent"]);
  });

  it("counts what it closed, in the enrollment too", async () => {
    const { people } = await setup(base, { people: 3 });
    expect(await scheduleNext(people.map(({ id }) => id))).toEqual({ done: 3 });
    const sent = await base.database.transaction(worker, (tx) =>
      tx.query("select messages_sent from drip_enrollments where id = any ($1)", [
        people.map(({ id }) => id),
      ]),
    );
    expect(sent).toEqual([{ messagesSent: 1 }, { messagesSent: 1 }, { messagesSent: 1 }]);
  });

  it("closes nothing of somebody who is paused, has left, or whose message is on its way", async () => {
    const { people, drip } = await setup(base, { people: 3 });
    const ids = people.map(({ id }) => id);
    await base.database.transaction(worker, async (tx) => {
      await tx.run("update drip_enrollments set status = 'paused' where id = $1", [ids[0]]);
      await tx.run("update drip_enrollments set status = 'dropped' where id = $1", [ids[1]]);
    });
    await settleSteps(base.database, [people[2] as { id: string }], "dispatching");
    expect(await scheduleNext(ids, "1 day")).toEqual({ done: 0 });
    expect((await stateOf(drip)).sort()).toEqual(["1 dispatching", "1 pending", "1 skipped"]);
  });

  it("returns when the next step is due, and null when there is none", async () => {
    const { first } = await setup(base, { drip: { steps: [{ minutes: 0 }, { days: 1 }] } });
    const next = (offset: string) =>
      when(base, offset, (tx) =>
        tx.one<{ at: Date | null }>("select schedule_next_drip_message($1) as at", [first.id]),
      );
    expect((await next("0"))?.at).toEqual((await enrollment(first))?.nextMessageAt);
    expect(await next("2 days")).toEqual({ at: null });
  });

  it("is for workers and for people of the organization, and finds nothing for others", async () => {
    const { organization, first, drip } = await setup(base);
    const stranger = await makeOrganization(base.database);
    const single = "select schedule_next_drip_message($1)";
    for (const id of [stranger.profileId, organization.viewerId, stranger.viewerId])
      expect(await attempt(base, operator(id), single, [first.id])).toBe("P0002");
    expect(await attempt(base, worker, single, ["00000000-0000-0000-0000-000000000000"])).toBe("P0002");
    const several = (id: string) =>
      base.database.transaction(operator(id), (tx) =>
        tx.one("select schedule_next_drip_messages($1) as done", [[first.id]]),
      );
    expect(await several(stranger.profileId)).toEqual({ done: 0 });
    expect(await several(organization.viewerId)).toEqual({ done: 0 });
    expect(await stateOf(drip)).toEqual(["1 pending"]);
    expect(await attempt(base, operator(organization.profileId), single, [first.id])).toBe(1);
    expect(await stateOf(drip)).toEqual(["1 sent", "2 pending"]);
  });

  it("does not take an operator's word for being a worker", async () => {
    const { first } = await setup(base);
    const stranger = await makeOrganization(base.database);
    const run = base.database.transaction(operator(stranger.profileId), async (tx) => {
      await tx.run(`set local request.jwt.claims = '{"role": "adsapp_worker"}'`);
      await tx.run(`set local "request.jwt.claim.role" = 'adsapp_worker'`);
      await tx.run("select schedule_next_drip_message($1)", [first.id]);
    });
    await expect(run).rejects.toMatchObject({ code: "P0002" });
  });
});
