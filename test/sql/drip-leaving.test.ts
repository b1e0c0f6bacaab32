import { describe, expect, it } from "vitest";
import { logsOf, makeEnrollments, settleSteps } from "../support/drip-factories.ts";
import { makeContacts } from "../support/factories.ts";
import { base, leave, log, now, resumeOne, run, useDripLife } from "./drip-life.ts";
import { setup } from "./drip-setup.ts";

useDripLife();

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
