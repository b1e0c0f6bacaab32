import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operator } from "../../src/db/identity.ts";
import { type Person, resolveCampaign, resolveJob, type Verdict } from "../../src/jobs/resolve.ts";
import { completeCampaigns, planHeldDrips } from "../../src/sending/rescue.ts";
import { applyInbox, storeBodies } from "../../src/webhooks/inbox.ts";
import { minutesAfter, NOW, type Setup, setup, type World } from "../sending/setup.ts";
import { logsOf, makeDrip, makeEnrollments, settleSteps } from "../support/drip-factories.ts";
import { bodyOf } from "../webhooks/setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

const admin = (w: World) => operator(w.organization.profileId) as Person;
const resolve = (w: World, id: string, as: Verdict) =>
  resolveJob(s.database, admin(w), w.organization.id, id, as);
const resolveAll = (w: World, name: string, as: Verdict) =>
  resolveCampaign(s.database, admin(w), w.organization.id, name, as);

/** A campaign that is complete but for messages of which nobody knows. */
async function held(unknown: number, given: { sender?: object; sent?: number } = {}) {
  const w = await s.world({ sender: given.sender ?? {} });
  const campaign = await w.broadcast({
    states: { sent: given.sent ?? 1, unknown },
    settings: { onUnknown: "hold" },
  });
  await completeCampaigns(s.database, w.organization.id);
  expect(await w.campaign(campaign)).toMatchObject({ status: "completed" });
  const ids = campaign.jobs.filter(({ status }) => status === "unknown").map(({ id }) => id);
  return { w, campaign, ids, id: ids[0] as string };
}

describe("a person says that a message was sent", () => {
  it("and it counts as sent, on the day of its dispatch", async () => {
    const { w, campaign, id } = await held(1);
    await w.rows(
      "update bulk_message_jobs set dispatched_at = '2026-11-25T22:59:00Z', unknown_since = '2026-11-25T22:59:00Z' where id = $1",
      [id],
    );
    expect(await resolve(w, id, "sent")).toMatchObject({ resolved: 1, sent: 1, reopened: false });
    expect(await w.job({ id })).toMatchObject({
      status: "sent",
      sentAt: new Date("2026-11-25T22:59:00Z"),
      countedOn: "2026-11-25",
      unknownSince: null,
      errorCode: null,
      attempts: 1,
    });
    expect(await w.campaign(campaign)).toMatchObject({ status: "completed", messagesSent: 2 });
    const log = await w.rows(
      "select actor, action, subject_type, details from audit_log where subject_id = $1 and action = 'resolve'",
      [id],
    );
    expect(log).toEqual([
      {
        actor: w.organization.profileId,
        action: "resolve",
        subjectType: "bulk_message_jobs",
        details: expect.objectContaining({ as: "sent", resolved: 1 }),
      },
    ]);
  });

  it("twice, and nothing changes the second time; the other way round is refused", async () => {
    const { w, id } = await held(1);
    await resolve(w, id, "sent");
    const before = await w.job({ id });
    expect(await resolve(w, id, "sent")).toMatchObject({ resolved: 0 });
    expect(await w.job({ id })).toEqual(before);
    await expect(resolve(w, id, "not-sent")).rejects.toMatchObject({
      exitCode: 1,
      message: `message ${id} is sent: only an unknown outcome can be settled`,
    });
  });

  it("and the proof that comes later is kept", async () => {
    const number = "106540352242922";
    const { w, id, campaign } = await held(1, { sender: { phoneNumberId: number } });
    await resolve(w, id, "sent");
    for (const status of ["sent", "delivered"]) {
      await storeBodies(s.database, [bodyOf([{ id: `wamid.${id}`, status, job: { id } }], number)], "test");
      await applyInbox(s.database);
      expect(await w.job({ id })).toMatchObject({ status, messageId: expect.any(String) });
    }
    expect(await w.campaign(campaign)).toMatchObject({ messagesSent: 2, messagesDelivered: 1 });
    await w.rows("update senders set phone_number_id = null where organization_id = $1", [w.organization.id]);
  });
});

describe("a person says that a message was not sent", () => {
  it("and it is sent again, by a campaign that was complete", async () => {
    const { w, campaign, ids } = await held(2);
    expect(await resolveAll(w, campaign.name, "not-sent")).toMatchObject({
      resolved: 2,
      pending: 2,
      reopened: true,
    });
    expect(await w.campaign(campaign)).toMatchObject({ status: "running", completedAt: null });
    const { jobs } = await w.claim();
    expect(jobs.map(({ id, attempts }) => [id, attempts]).sort()).toEqual(ids.map((id) => [id, 2]).sort());
    const reopened = await w.rows(
      "select actor from audit_log where subject_id = $1 and action = 'update' and details #>> '{status,1}' = 'running'",
      [campaign.id],
    );
    expect(reopened).toEqual([{ actor: w.organization.profileId }]);
    expect(await resolveAll(w, campaign.name, "not-sent")).toMatchObject({ resolved: 0 });
  });

  it("and it has failed where no attempt is left, or is cancelled with its campaign", async () => {
    const spent = await held(1);
    await spent.w.rows("update bulk_message_jobs set max_attempts = 1 where id = $1", [spent.id]);
    expect(await resolve(spent.w, spent.id, "not-sent")).toMatchObject({ failed: 1, reopened: false });
    expect(await spent.w.job(spent)).toMatchObject({ status: "failed", errorCode: "not_sent" });
    expect(await spent.w.campaign(spent.campaign)).toMatchObject({ status: "completed", messagesFailed: 1 });

    const over = await held(1);
    await over.w.rows(
      "update bulk_campaigns set status = 'cancelled', cancelled_at = adsapp_now(), completed_at = null where id = $1",
      [over.campaign.id],
    );
    expect(await resolve(over.w, over.id, "not-sent")).toMatchObject({ cancelled: 1 });
    expect(await over.w.job(over)).toMatchObject({ status: "cancelled" });
  });
});

describe("settling by hand", () => {
  it("touches unknown messages only", async () => {
    const { w, campaign, ids } = await held(3, { sent: 2 });
    const others = async () => (await w.jobs(campaign)).filter(({ id }) => !ids.includes(id as string));
    const before = await others();
    expect(await resolveAll(w, campaign.id, "sent")).toMatchObject({ resolved: 3, sent: 3 });
    expect(await others()).toEqual(before);
    const delivered = campaign.jobs[0]?.id as string;
    await expect(resolve(w, delivered, "sent")).rejects.toMatchObject({ exitCode: 1 });
  });

  it("is not for viewers, nor for another organization", async () => {
    const { w, id, campaign } = await held(1);
    const viewer = operator(w.organization.viewerId) as Person;
    await expect(resolveJob(s.database, viewer, w.organization.id, id, "sent")).rejects.toMatchObject({
      exitCode: 5,
    });
    await expect(
      resolveCampaign(s.database, viewer, w.organization.id, campaign.id, "sent"),
    ).rejects.toMatchObject({ exitCode: 5 });
    const other = await s.world();
    await expect(resolve(other, id, "sent")).rejects.toMatchObject({ exitCode: 4 });
    await expect(resolveAll(other, campaign.id, "sent")).rejects.toMatchObject({ exitCode: 4 });
    expect(await w.job({ id })).toMatchObject({ status: "unknown" });
  });
});

describe("a drip's step", () => {
  /** Its first step was dispatched a minute after NOW, and nobody knows what became of it. */
  async function unknownStep(settings: object = {}) {
    s.at(NOW);
    const w = await s.world();
    const drip = await makeDrip(s.database, w.organization, {
      settings,
      steps: [{ minutes: 0 }, { days: 1 }],
    });
    const people = await makeEnrollments(s.database, drip, await w.contacts(1));
    await settleSteps(s.database, people, "unknown", { at: minutesAfter(1) });
    s.at(minutesAfter(30));
    const logs = () => logsOf(s.database, drip);
    return { w, logs, id: (await logs())[0]?.id as string };
  }

  it("was sent: the next one counts from its dispatch", async () => {
    const { w, id, logs } = await unknownStep();
    expect(await resolve(w, id, "sent")).toMatchObject({ resolved: 1, sent: 1 });
    const [first, second] = await logs();
    expect(first).toMatchObject({ status: "sent", sentAt: minutesAfter(1) });
    expect(second).toMatchObject({ status: "pending", scheduledFor: minutesAfter(24 * 60 + 1) });
  });

  it("was not sent: it goes out again, while the drip waits for it", async () => {
    const { w, id, logs } = await unknownStep();
    expect(await resolve(w, id, "not-sent")).toMatchObject({ pending: 1 });
    expect((await logs()).map(({ status }) => status)).toEqual(["pending"]);
    expect((await w.claim()).jobs).toMatchObject([{ id, attempts: 2 }]);
    await w.expireLeases();
  });

  it("was not sent, but the drip has gone on: it has failed, and the next step stays", async () => {
    const { w, id, logs } = await unknownStep({ onUnknown: "hold" });
    await planHeldDrips(s.database, w.organization.id);
    expect(await resolve(w, id, "not-sent")).toMatchObject({ failed: 1, pending: 0 });
    expect((await logs()).map(({ status }) => status)).toEqual(["failed", "pending"]);
  });
});
