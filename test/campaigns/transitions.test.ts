import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CampaignStatus } from "../../src/campaigns/campaign.ts";
import { findCampaign } from "../../src/campaigns/find.ts";
import { cancelCampaign, pauseCampaign, resumeCampaign } from "../../src/campaigns/transitions.ts";
import { operator, worker } from "../../src/db/identity.ts";
import { makeCampaign, makeJobs, makeRun, makeSender } from "../support/factories.ts";
import { NOW, type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
  await makeSender(s.database, s.organization);
  await makeSender(s.database, s.other);
});

afterAll(() => s.end());

const hours = (n: number) => new Date(NOW.getTime() + n * 3_600_000);
const make = (status: CampaignStatus, given: object = {}) =>
  makeCampaign(s.database, s.organization, { status, ...given });
const pause = (name: string, reason?: string) =>
  s.asAdmin((tx) => pauseCampaign(tx, s.organization.id, name, reason));
const resume = (name: string) => s.asAdmin((tx) => resumeCampaign(tx, s.organization.id, name));
const cancel = (name: string) =>
  cancelCampaign(s.database, operator(s.organization.profileId), s.organization.id, name);
const statusOf = async (name: string) =>
  (await s.asAdmin((tx) => findCampaign(tx, s.organization.id, name))).status;

describe("a campaign pauses", () => {
  it.each(["running", "scheduled"] as const)("when it is %s, and goes on as that", async (status) => {
    const { name } = await make(status, { scheduledAt: hours(1) });
    const paused = await pause(name, " wrong price ");
    expect(paused).toMatchObject({
      status: "paused",
      pauseReason: "wrong price",
      pausedAt: expect.any(Date),
    });
    expect(await resume(name)).toMatchObject({ status, pauseReason: null, pausedAt: null });
  });

  it("with a reason, also when nobody gave one", async () => {
    expect((await pause((await make("running")).name)).pauseReason).toBe("paused by a person");
    expect((await pause((await make("running")).name, " ")).pauseReason).toBe("paused by a person");
  });

  it.each(["draft", "paused", "completed", "cancelled"] as const)("not when it is %s", async (status) => {
    const { name } = await make(status);
    await expect(pause(name)).rejects.toMatchObject({
      exitCode: 1,
      message: `campaign "${name}" is ${status}: it cannot be paused`,
    });
    expect(await statusOf(name)).toBe(status);
  });
});

describe("a campaign resumes", () => {
  it("at once when its time went by during the pause: a person's word ignores maxLateness", async () => {
    const { name } = await make("scheduled", { scheduledAt: hours(-20) });
    await pause(name);
    expect(await resume(name)).toMatchObject({
      status: "running",
      startedAt: expect.any(Date),
      scheduledAt: hours(-20),
    });
  });

  it("with the time of its first start", async () => {
    const { name } = await make("running");
    const { startedAt } = await pause(name);
    expect((await resume(name)).startedAt).toEqual(startedAt);
  });

  it.each(["draft", "scheduled", "running", "completed", "cancelled"] as const)(
    "not when it is %s",
    async (status) => {
      const { name } = await make(status);
      await expect(resume(name)).rejects.toMatchObject({
        exitCode: 1,
        message: `campaign "${name}" is ${status}: it cannot be resumed`,
      });
    },
  );

  it("twenty times without a trace", async () => {
    const { name, id } = await make("running");
    await makeJobs(s.database, await makeRun(s.database, { id }), { sent: 2, pending: 3 });
    const jobs = () =>
      s.asAdmin((tx) =>
        tx.query("select id, status, attempts from bulk_message_jobs where campaign_id = $1 order by seq", [
          id,
        ]),
      );
    const before = await jobs();
    for (let round = 0; round < 20; round++) {
      await pause(name);
      await resume(name);
    }
    expect(await jobs()).toEqual(before);
  });
});

describe("a campaign is cancelled", () => {
  it.each(["draft", "scheduled", "running", "paused"] as const)("when it is %s", async (status) => {
    const { name } = await make(status);
    const { campaign, cancelled } = await cancel(name);
    expect(campaign).toMatchObject({ status: "cancelled", pauseReason: null, cancelledAt: expect.any(Date) });
    expect(cancelled).toBe(0);
  });

  it.each(["completed", "cancelled"] as const)("not when it is %s", async (status) => {
    const { name } = await make(status);
    await expect(cancel(name)).rejects.toMatchObject({
      exitCode: 1,
      message: `campaign "${name}" is ${status}: it cannot be cancelled`,
    });
  });

  it("with all that was not dispatched, and nothing else", async () => {
    const { name, id } = await make("running");
    await makeJobs(s.database, await makeRun(s.database, { id }), {
      sent: 1,
      failed: 1,
      skipped: 1,
      unknown: 1,
      waiting: 2,
      dispatching: 1,
      pending: 3,
    });
    const bystander = await make("running");
    await makeJobs(s.database, await makeRun(s.database, bystander), { pending: 2 });
    expect((await cancel(name)).cancelled).toBe(5);
    const rows = await s.asAdmin((tx) =>
      tx.query<{ status: string; count: number }>(
        "select status, count(*) from bulk_message_jobs where campaign_id = $1 and next_attempt_at is null group by 1 order by 1",
        [id],
      ),
    );
    expect(rows).toEqual([
      { status: "cancelled", count: 5 },
      { status: "dispatching", count: 1 },
      { status: "failed", count: 1 },
      { status: "sent", count: 1 },
      { status: "skipped", count: 1 },
      { status: "unknown", count: 1 },
    ]);
    const left = await s.asAdmin((tx) =>
      tx.one("select count(*) from bulk_message_jobs where campaign_id = $1 and status = 'pending'", [
        bystander.id,
      ]),
    );
    expect(left).toEqual({ count: 2 });
  });
});

describe("the state of a campaign", () => {
  it("is changed by one of two people at once; the other is told", async () => {
    const { name } = await make("running");
    const both = await Promise.allSettled([pause(name, "one"), pause(name, "two")]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(both).toContainEqual({
      status: "rejected",
      reason: expect.objectContaining({
        exitCode: 1,
        message: `campaign "${name}" is paused: it cannot be paused`,
      }),
    });
  });

  it("is not changed by a viewer", async () => {
    const { name } = await make("running");
    const asViewer = operator(s.organization.viewerId);
    await expect(s.asViewer((tx) => pauseCampaign(tx, s.organization.id, name))).rejects.toMatchObject({
      exitCode: 5,
    });
    await expect(cancelCampaign(s.database, asViewer, s.organization.id, name)).rejects.toMatchObject({
      exitCode: 5,
    });
    expect(await statusOf(name)).toBe("running");
  });

  it("is not changed from another organization", async () => {
    const { id } = await make("running");
    const stranger = operator(s.other.profileId);
    await expect(cancelCampaign(s.database, stranger, s.other.id, id)).rejects.toMatchObject({ exitCode: 4 });
    await expect(cancelCampaign(s.database, stranger, s.organization.id, id)).rejects.toMatchObject({
      exitCode: 4,
    });
    const rows = await s.database.transaction(worker, (tx) =>
      tx.query("select status from bulk_campaigns where id = $1", [id]),
    );
    expect(rows).toEqual([{ status: "running" }]);
  });
});
