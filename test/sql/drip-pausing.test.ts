import { describe, expect, it } from "vitest";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import { makeContacts } from "../support/factories.ts";
import { base, log, near, now, pauseOne, resumeOne, run, setDrip, useDripLife } from "./drip-life.ts";
import { at, offsetTo, setup } from "./drip-setup.ts";

useDripLife();

const runAt = (moment: string, sql: string, ...parameters: unknown[]) =>
  at(base, offsetTo(moment), (tx) => tx.run(sql, parameters));

const dueOf = async (of: { id: string }) => (await now(of)).nextMessageAt?.getTime() ?? Number.NaN;

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
