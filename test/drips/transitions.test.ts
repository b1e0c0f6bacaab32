import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operator } from "../../src/db/identity.ts";
import type { DripStatus } from "../../src/drips/drip.ts";
import { findDrip } from "../../src/drips/find.ts";
import { activateDrip, archiveDrip, pauseDrip } from "../../src/drips/transitions.ts";
import { enrollmentsOf, logsOf, makeDrip, makeEnrollments, settleSteps } from "../support/drip-factories.ts";
import { makeContacts, makeSender } from "../support/factories.ts";
import { days, NOW, type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
  await makeSender(s.database, s.organization);
  await makeSender(s.database, s.other);
});

afterAll(() => s.end());

const make = (status: DripStatus, given: object = {}) =>
  makeDrip(s.database, s.organization, { status, ...given });
const activate = (name: string) => s.asAdmin((tx) => activateDrip(tx, s.organization.id, name));
const pause = (name: string, reason?: string) =>
  s.asAdmin((tx) => pauseDrip(tx, s.organization.id, name, reason));
const archive = (name: string) => s.asAdmin((tx) => archiveDrip(tx, s.organization.id, name));
const statusOf = async (name: string) =>
  (await s.asAdmin((tx) => findDrip(tx, s.organization.id, name))).status;
const people = async (drip: { id: string }, n: number) =>
  makeEnrollments(s.database, drip, await makeContacts(s.database, s.organization, n));

describe("a drip is activated", () => {
  it("as a draft, and whoever was in it already gets a first step", async () => {
    const made = await make("draft");
    const [early] = await people(made, 1);
    const { drip, warnings } = await activate(made.name);
    expect(drip).toMatchObject({ status: "active", activatedAt: expect.any(Date) });
    expect(warnings).toEqual([]);
    expect(await logsOf(s.database, { id: early?.id as string })).toMatchObject([
      { stepOrder: 1, status: "pending" },
    ]);
  });

  it("again after a pause, with what waited moved by the time that was lost", async () => {
    const made = await make("active", { steps: [{ days: 1 }] });
    await people(made, 2);
    await pause(made.name);
    await s.query("update drip_campaigns set paused_at = paused_at - interval '6 hours' where id = $1", [
      made.id,
    ]);
    await s.query(
      "update drip_message_logs set created_at = created_at - interval '9 hours' where campaign_id = $1",
      [made.id],
    );
    expect((await activate(made.name)).drip).toMatchObject({
      status: "active",
      pausedAt: null,
      pauseReason: null,
    });
    for (const { scheduledFor } of await logsOf(s.database, made)) {
      const late = scheduledFor.getTime() - days(1.25).getTime();
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(60_000);
    }
  });

  it("with warnings, and not with errors", async () => {
    const mute = await make("draft", { trigger: { type: "tag_added" } });
    expect((await activate(mute.name)).warnings).toEqual([
      "its trigger names no tag: it never fires (drip enroll still enters people)",
    ]);
    const message = { type: "template", template: "nowhere", language: "nl" };
    const broken = await make("draft", { steps: [{ message }] });
    await expect(activate(broken.name)).rejects.toMatchObject({
      exitCode: 1,
      message: `drip "${broken.name}" cannot be activated:\nstep 1: template "nowhere" (nl) does not exist`,
    });
    expect(await statusOf(broken.name)).toBe("draft");
    const empty = await make("draft", { steps: [] });
    await expect(activate(empty.name)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining("there is no step"),
    });
  });

  it.each(["active", "archived"] as const)("not when it is %s", async (status) => {
    const { name } = await make(status);
    await expect(activate(name)).rejects.toMatchObject({
      exitCode: 1,
      message: `drip "${name}" is ${status}: it cannot be activated`,
    });
  });
});

describe("a drip pauses", () => {
  it("when it is active, with a reason, also when nobody gave one", async () => {
    expect(await pause((await make("active")).name, " wrong offer ")).toMatchObject({
      status: "paused",
      pauseReason: "wrong offer",
      pausedAt: expect.any(Date),
    });
    expect((await pause((await make("active")).name, " ")).pauseReason).toBe("paused by a person");
  });

  it.each(["draft", "paused", "archived"] as const)("not when it is %s", async (status) => {
    const { name } = await make(status);
    await expect(pause(name)).rejects.toMatchObject({
      exitCode: 1,
      message: `drip "${name}" is ${status}: it cannot be paused`,
    });
  });
});

describe("a drip is archived", () => {
  it.each(["draft", "active", "paused"] as const)("when it is %s", async (status) => {
    const { drip, dropped } = await archive((await make(status)).name);
    expect(drip).toMatchObject({ status: "archived", pausedAt: null, archivedAt: expect.any(Date) });
    expect(dropped).toBe(0);
  });

  it("with everyone who is in it; what is on its way arrives, and who was done stays so", async () => {
    const made = await make("active", { steps: [{ days: 1 }] });
    const [waits, sending, done] = await people(made, 3);
    await settleSteps(s.database, [sending as { id: string }], "dispatching", { at: NOW });
    await settleSteps(s.database, [done as { id: string }], "sent", { at: NOW });
    expect((await archive(made.name)).dropped).toBe(2);
    const ids = [waits, sending, done].map((each) => each?.id as string);
    expect((await enrollmentsOf(s.database, ids)).map(({ status }) => status)).toEqual([
      "dropped",
      "dropped",
      "completed",
    ]);
    const logs = await Promise.all(ids.map((id) => logsOf(s.database, { id })));
    expect(logs.flat()).toMatchObject([
      { status: "skipped", skipReason: "archived" },
      { status: "dispatching" },
      { status: "sent" },
    ]);
  });

  it("once", async () => {
    const { name } = await make("archived");
    await expect(archive(name)).rejects.toMatchObject({
      exitCode: 1,
      message: `drip "${name}" is archived: it cannot be archived`,
    });
  });
});

describe("the state of a drip", () => {
  it("is changed by one of two people at once; the other is told", async () => {
    const { name } = await make("active");
    const both = await Promise.allSettled([pause(name, "one"), pause(name, "two")]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const draft = await make("draft");
    const twice = await Promise.allSettled([activate(draft.name), activate(draft.name)]);
    expect(twice).toContainEqual({
      status: "rejected",
      reason: expect.objectContaining({
        exitCode: 1,
        message: `drip "${draft.name}" is active: it cannot be activated`,
      }),
    });
  });

  it("is not changed by a viewer, nor from another organization", async () => {
    const active = await make("active");
    const draft = await make("draft");
    const asViewer = (work: typeof archiveDrip | typeof pauseDrip | typeof activateDrip, name: string) =>
      s.asViewer((tx) => work(tx, s.organization.id, name) as Promise<unknown>);
    await expect(asViewer(pauseDrip, active.name)).rejects.toMatchObject({ exitCode: 5 });
    await expect(asViewer(archiveDrip, active.name)).rejects.toMatchObject({ exitCode: 5 });
    await expect(asViewer(activateDrip, draft.name)).rejects.toMatchObject({ exitCode: 5 });
    for (const organizationId of [s.other.id, s.organization.id]) {
      const theirs = s.database.transaction(operator(s.other.profileId), (tx) =>
        pauseDrip(tx, organizationId, active.id),
      );
      await expect(theirs).rejects.toMatchObject({ exitCode: 4, message: `drip "${active.id}" not found` });
    }
    expect([await statusOf(active.name), await statusOf(draft.name)]).toEqual(["active", "draft"]);
  });
});
