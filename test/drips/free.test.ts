import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { owner } from "../../src/db/identity.ts";
import free from "../../src/drips/free.command.ts";
import { freeStuck } from "../../src/drips/free.ts";
import {
  enrollmentsOf,
  logsOf,
  makeDrip,
  makeEnrollments,
  settleSteps,
  type TestDrip,
  type TestEnrollment,
} from "../support/drip-factories.ts";
import { makeContacts, makeSender } from "../support/factories.ts";
import { days, minutes, type Setup, setup } from "./setup.ts";

let s: Setup;
let sender: { id: string };
let drip: TestDrip;

beforeAll(async () => {
  s = await setup();
  sender = await makeSender(s.database, s.organization);
});

afterAll(() => s.end());

beforeEach(async () => {
  drip = await makeDrip(s.database, s.organization);
});

const enter = async (n: number, into: TestDrip = drip) =>
  makeEnrollments(s.database, into, await makeContacts(s.database, s.organization, n));
const freed = (id = drip.id) => s.asWorker((tx) => freeStuck(tx, s.organization.id, id));
const logOf = async ({ id }: TestEnrollment) => (await logsOf(s.database, { id })).at(-1);
const unsee = (people: readonly { id: string }[]) =>
  s.query("update drip_message_logs set next_attempt_at = null where enrollment_id = any ($1::uuid[])", [
    people.map(({ id }) => id),
  ]);
const unplan = (people: readonly { id: string }[]) =>
  s.database.transaction(owner, (tx) =>
    tx.run("delete from drip_message_logs where enrollment_id = any ($1::uuid[]) and status = 'pending'", [
      people.map(({ id }) => id),
    ]),
  );
const NOBODY = { dispatching: 0, unseen: 0, unplanned: 0 };

describe("drip free", () => {
  it("finds nobody in a drip that works: waiting, sent, failed, skipped, paused, done, unknown and being sent", async () => {
    const [, sent, failed, skipped, done, paused, unknown, sending] = (await enter(8)) as [
      TestEnrollment,
      TestEnrollment,
      TestEnrollment,
      TestEnrollment,
      TestEnrollment,
      TestEnrollment,
      TestEnrollment,
      TestEnrollment,
    ];
    await settleSteps(s.database, [sent], "read");
    await settleSteps(s.database, [failed], "failed");
    await settleSteps(s.database, [skipped], "skipped");
    for (let step = 0; step < 3; step++) await settleSteps(s.database, [done], "sent");
    await s.query("update drip_enrollments set status = 'paused' where id = $1", [paused.id]);
    await settleSteps(s.database, [unknown], "unknown", { at: minutes(-5) });
    await settleSteps(s.database, [sending], "dispatching");
    await s.query(
      `insert into lane_windows (organization_id, sender_id, lane_token, job_ids)
       select organization_id, $2, lane_token, array[id] from drip_message_logs where enrollment_id = $1`,
      [sending.id, sender.id],
    );
    const before = await logsOf(s.database, drip);
    expect(await freed()).toEqual(NOBODY);
    expect(await logsOf(s.database, drip)).toEqual(before);
  });

  it("takes what is dispatched by nobody for unknown, never for unsent", async () => {
    const [one] = (await enter(1)) as [TestEnrollment];
    await settleSteps(s.database, [one], "dispatching", { at: minutes(-30) });
    expect(await freed()).toEqual({ ...NOBODY, dispatching: 1 });
    expect(await logOf(one)).toMatchObject({
      status: "unknown",
      unknownSince: minutes(-30),
      laneToken: null,
    });
    expect(await freed()).toEqual(NOBODY);
  });

  it("has what nobody looks at looked at, when it is due", async () => {
    drip = await makeDrip(s.database, s.organization, { steps: [{ days: 1 }] });
    const people = await enter(2);
    const due = (await logsOf(s.database, drip)).map(({ scheduledFor }) => scheduledFor);
    await unsee(people);
    await s.query("update drip_enrollments set next_message_at = null where id = $1", [people[0]?.id]);
    await unsee(people);
    expect(await freed()).toEqual({ ...NOBODY, unseen: 2 });
    expect((await logsOf(s.database, drip)).map(({ nextAttemptAt }) => nextAttemptAt)).toEqual(due);
    const ids = people.map(({ id }) => id);
    expect((await enrollmentsOf(s.database, ids)).map(({ nextMessageAt }) => nextMessageAt)).toEqual(due);
  });

  it("plans the next step of whoever has none, or ends it", async () => {
    const [first, last] = (await enter(2)) as [TestEnrollment, TestEnrollment];
    await settleSteps(s.database, [first], "sent", { at: days(-1) });
    for (let step = 0; step < 2; step++) await settleSteps(s.database, [last], "sent");
    await unplan([first, last]);
    await s.query("update drip_enrollments set current_step_order = 1 where id = $1", [first.id]);
    expect(await freed()).toEqual({ ...NOBODY, unplanned: 2 });
    expect(await logOf(first)).toMatchObject({ stepOrder: 2, status: "pending", scheduledFor: days(1) });
    expect(await enrollmentsOf(s.database, [last.id])).toMatchObject([{ status: "completed" }]);
  });

  it("goes on behind an outcome that nobody will ever know, counted from its dispatch", async () => {
    const [held] = (await enter(1)) as [TestEnrollment];
    await settleSteps(s.database, [held], "unknown", { at: minutes(-5) });
    await s.query("update drip_message_logs set dispatched_at = $2 where enrollment_id = $1", [
      held.id,
      days(-1.5),
    ]);
    expect(await freed()).toEqual({ ...NOBODY, unplanned: 1 });
    expect(await logOf(held)).toMatchObject({ stepOrder: 2, scheduledFor: days(0.5) });
  });

  it("says how many, for one drip or for all of the organization's, and none of another's", async () => {
    const other = await makeDrip(s.database, s.organization);
    await unsee([...(await enter(1)), ...(await enter(2, other))]);
    const theirs = await makeDrip(s.database, s.other);
    const stuck = await makeEnrollments(s.database, theirs, await makeContacts(s.database, s.other, 1));
    await unsee(stuck);
    const one = await s.run(free, [drip.name]);
    expect(JSON.parse(one.stdout)).toEqual({ freed: 1, dispatching: 0, unseen: 1, unplanned: 0 });
    expect(JSON.parse((await s.run(free, [])).stdout)).toMatchObject({ freed: 2 });
    expect(JSON.parse((await s.run(free, [])).stdout)).toMatchObject({ freed: 0 });
    expect((await logsOf(s.database, theirs))[0]?.nextAttemptAt).toBeNull();
    expect((await s.run(free, [theirs.id])).exitCode).toBe(4);
  });

  it("is not for viewers", async () => {
    await unsee(await enter(1));
    const viewer = await s.query<{ email: string }>("select email from profiles where id = $1", [
      s.organization.viewerId,
    ]);
    const ran = await s.run(free, [drip.name], { user: viewer[0]?.email as string });
    expect(ran).toMatchObject({ exitCode: 5, stderr: expect.stringContaining("viewers only read") });
    expect(await freed()).toEqual({ ...NOBODY, unseen: 1 });
  });
});
