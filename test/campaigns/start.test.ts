import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expandRuns } from "../../src/campaigns/expand.ts";
import { startCampaign } from "../../src/campaigns/start.ts";
import { wakeCampaigns } from "../../src/campaigns/wake.ts";
import type { Row } from "../../src/db/database.ts";
import { operator, worker } from "../../src/db/identity.ts";
import { makeCampaign, makeContacts, makeOrganization, makeSender } from "../support/factories.ts";
import { NOW, type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(() => s.end());

const hours = (n: number) => new Date(NOW.getTime() + n * 3_600_000);
const local = (time: string) => ({ type: "scheduled", scheduledAt: time });

async function world(given: Parameters<typeof makeCampaign>[2] & { withoutSender?: boolean } = {}) {
  const organization = await makeOrganization(s.database);
  if (given.withoutSender !== true) await makeSender(s.database, organization);
  await makeContacts(s.database, organization, 3);
  await makeContacts(s.database, organization, 1, { optedOutAt: NOW });
  const campaign = await makeCampaign(s.database, organization, { status: "draft", ...given });
  const start = (options: Parameters<typeof startCampaign>[4] = {}, profileId = organization.profileId) =>
    startCampaign(s.database, operator(profileId), organization.id, campaign.name, options);
  const rows = (sql: string, parameters: unknown[]): Promise<Row[]> =>
    s.database.transaction(worker, (tx) => tx.query(sql, parameters));
  const row = async () => (await rows("select * from bulk_campaigns where id = $1", [campaign.id]))[0];
  const jobs = () => rows("select * from bulk_message_jobs where campaign_id = $1", [campaign.id]);
  const wake = () => wakeCampaigns(s.database, organization.id);
  return { organization, campaign, start, row, jobs, wake };
}

describe("a start", () => {
  it("of an immediate campaign runs it, and writes its audience out at once", async () => {
    const { start, row, jobs } = await world();
    expect(await start()).toMatchObject({ status: "running", scheduledAt: null, targets: 4, skipped: 1 });
    expect(await row()).toMatchObject({
      status: "running",
      startedAt: expect.any(Date),
      senderId: expect.any(String),
    });
    expect(await jobs()).toHaveLength(4);
  });

  it("of one with a time to come schedules it, by the organization's clock, and writes out nobody", async () => {
    const { start, row, jobs } = await world({ scheduling: local("2026-11-28T10:00") });
    const at = new Date("2026-11-28T09:00:00Z");
    expect(await start()).toMatchObject({ status: "scheduled", scheduledAt: at, targets: 0, skipped: 0 });
    expect(await row()).toMatchObject({ status: "scheduled", scheduledAt: at, startedAt: null });
    expect(await jobs()).toEqual([]);
  });

  it("of one whose time has gone by runs it, however late: a person's word ignores maxLateness", async () => {
    const { start, jobs } = await world({
      scheduling: local("2026-11-20T10:00"),
      settings: { maxLateness: "1h" },
    });
    expect(await start()).toMatchObject({ status: "running", targets: 4 });
    expect(await jobs()).toHaveLength(4);
  });

  it("with a time of its own goes by that one instead", async () => {
    const later = await world();
    expect(await later.start({ at: hours(2) })).toMatchObject({ status: "scheduled", scheduledAt: hours(2) });
    const past = await world({ scheduling: local("2026-11-28T10:00") });
    expect(await past.start({ at: hours(-2) })).toMatchObject({ status: "running", targets: 4 });
  });

  it("by two people at once is one start; the other is told", async () => {
    const { start, jobs } = await world();
    const both = await Promise.allSettled([start(), start()]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const told = both.find((each) => each.status === "rejected");
    expect(told?.reason).toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/started by someone else|only a draft/),
    });
    expect(await jobs()).toHaveLength(4);
  });

  it.each(["scheduled", "running", "paused", "completed", "cancelled"] as const)(
    "is refused when it is %s",
    async (status) => {
      const { start, row } = await world({ status });
      const before = await row();
      await expect(start()).rejects.toMatchObject({
        exitCode: 1,
        message: expect.stringContaining(`is ${status}: only a draft can be started`),
      });
      expect(await row()).toEqual(before);
    },
  );

  it.each([
    ["there is no sender", { withoutSender: true }, "the organization has no sender"],
    ["its template is missing", { message: { type: "template", template: "gone", language: "nl" } }, "gone"],
    [
      "its end is before its start",
      { scheduling: { type: "immediate", sendBefore: "2026-11-27T09:00" } },
      "sendBefore",
    ],
  ])("is refused when %s, and changes nothing", async (_why, given, message) => {
    const { start, row, jobs } = await world(given);
    const before = await row();
    await expect(start()).rejects.toMatchObject({ exitCode: 1, message: expect.stringContaining(message) });
    expect(await row()).toEqual(before);
    expect(await jobs()).toEqual([]);
  });

  it("is refused to viewers, and to other organizations", async () => {
    const { organization, start, row, jobs } = await world();
    await expect(start({}, organization.viewerId)).rejects.toMatchObject({ exitCode: 5 });
    await expect(start({}, s.other.profileId)).rejects.toMatchObject({ exitCode: 4 });
    expect(await row()).toMatchObject({ status: "draft", startedAt: null });
    expect(await jobs()).toEqual([]);
  });

  it("tells how many were written out", async () => {
    const { start } = await world();
    const told: number[] = [];
    await start({ onChunk: (jobs) => told.push(jobs) });
    expect(told).toEqual([4]);
  });
});

describe("a tick wakes", () => {
  it("scheduled campaigns that are due, and no others", async () => {
    const due = await world({ status: "scheduled", scheduledAt: hours(-1) });
    expect(await due.wake()).toMatchObject({ started: 1, paused: 0 });
    expect(await due.row()).toMatchObject({ status: "running", startedAt: expect.any(Date) });
    expect(await due.wake()).toMatchObject({ started: 0, paused: 0 });
    await expandRuns(s.database, { organizationId: due.organization.id });
    expect(await due.jobs()).toHaveLength(4);
    const later = await world({ status: "scheduled", scheduledAt: hours(1) });
    expect(await later.wake()).toMatchObject({ started: 0, paused: 0 });
    expect(await later.row()).toMatchObject({ status: "scheduled" });
  });

  it.each([
    [undefined, 11.9, "running"],
    [undefined, 12.1, "paused"],
    ["30m", 0.4, "running"],
    ["30m", 0.6, "paused"],
    ["2d", 47, "running"],
  ])("with maxLateness %s, %f hours late: %s", async (maxLateness, late, status) => {
    const settings = maxLateness === undefined ? {} : { maxLateness };
    const { wake, row } = await world({ status: "scheduled", scheduledAt: hours(-late), settings });
    await wake();
    expect(await row()).toMatchObject({
      status,
      resumeAs: status === "paused" ? "running" : null,
      pauseReason:
        status === "paused"
          ? expect.stringContaining("later than maxLateness: it was due at 2026-11-2")
          : null,
    });
  });

  it("each campaign once, when two ticks wake at the same time", async () => {
    const { wake } = await world({ status: "scheduled", scheduledAt: hours(-1) });
    const started = (await Promise.all([wake(), wake(), wake()])).map((woken) => woken.started);
    expect(started.sort()).toEqual([0, 0, 1]);
  });
});
