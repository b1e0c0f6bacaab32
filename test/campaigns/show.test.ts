import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { showCampaign } from "../../src/campaigns/show.ts";
import { sheetOf } from "../../src/campaigns/show-columns.ts";
import { makeCampaign, makeJobs, makeRun, makeSender } from "../support/factories.ts";
import { type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
  await makeSender(s.database, s.organization, { throughput: 2 });
});

afterAll(() => s.end());

const show = (name: string) => s.asViewer((tx) => showCampaign(tx, s.organization.id, name));

async function running(states: Parameters<typeof makeJobs>[2], given: object = {}, ago = "1 hour") {
  const campaign = await makeCampaign(s.database, s.organization, given);
  await makeJobs(s.database, await makeRun(s.database, campaign), states, { ago });
  return campaign;
}

describe("a campaign is shown", () => {
  it("with its messages by what became of them, adding up to its statistics", async () => {
    const { name } = await running({
      sent: 1,
      delivered: 2,
      read: 1,
      failed: 2,
      skipped: 1,
      unknown: 1,
      waiting: 1,
      pending: 9,
    });
    const shown = await show(name);
    expect(shown.byStatus).toEqual({
      sent: 1,
      delivered: 2,
      read: 1,
      failed: 2,
      skipped: 1,
      unknown: 1,
      pending: 10,
    });
    expect(Object.values(shown.byStatus).reduce((sum, count) => sum + count)).toBe(
      shown.statistics.totalTargets,
    );
    expect(shown.statistics).toEqual({
      totalTargets: 18,
      messagesSent: 4,
      messagesDelivered: 3,
      messagesRead: 1,
      messagesFailed: 2,
      messagesSkipped: 1,
      repliesReceived: 0,
      optOuts: 0,
      deliveryRate: 75,
      openRate: 25,
      replyRate: 0,
    });
    expect(shown.skipReasons).toEqual({ opted_out: 1 });
    expect(shown.failures).toEqual([
      { code: "131000", example: "Something went wrong", count: 2 },
      { code: "unknown", example: "timeout", count: 1 },
    ]);
    expect(shown.forecast).toMatchObject({ messages: 10, perSecond: 2, seconds: 5 });
    expect(sheetOf(shown)).toMatchObject({
      delivered: "3 (75 %)",
      skipped: "1  opted_out 1",
      left: "pending 10  unknown 1",
    });
  });

  it("with a forecast that heeds its hours and the sender's other campaigns, as the preview does", async () => {
    const { id: senderId } = await makeSender(s.database, s.organization, { name: "eigen", throughput: 2 });
    const quiet = await running({ pending: 10 }, { senderId, settings: { quietHours: ["09:30", "12:00"] } });
    const shown = await show(quiet.name);
    expect(shown.forecast).toMatchObject({ messages: 10, heldUpBy: ["quiet_hours"] });
    expect(shown.forecast?.finishesAt?.toISOString()).toMatch(/^2026-11-27T11:0/);
    expect(sheetOf(shown).heldUpBy).toBe("quiet_hours");
    const other = await running({ pending: 10 }, { senderId });
    expect((await show(other.name)).forecast?.heldUpBy).toEqual(["other_campaigns"]);
  });

  it("with the unknown ones that wait for a person: by policy, and after a day", async () => {
    const retried = await running({ unknown: 2 });
    expect(await show(retried.name)).toMatchObject({ held: 0, byStatus: { unknown: 2 } });
    const held = await running({ unknown: 2 }, { settings: { onUnknown: "hold" } });
    expect(await show(held.name)).toMatchObject({ held: 2 });
    const old = await running({ unknown: 2 }, {}, "25 hours");
    expect(await show(old.name)).toMatchObject({ held: 2 });
    expect(sheetOf(await show(old.name)).left).toBe("unknown 2  of which 2 wait for a person");
  });

  it.each(["draft", "scheduled", "completed", "cancelled"] as const)(
    "without a forecast when it is %s",
    async (status) => {
      const { name } = await makeCampaign(s.database, s.organization, { status });
      expect(await show(name)).toMatchObject({
        status,
        forecast: null,
        byStatus: {},
        held: 0,
        skipReasons: {},
        failures: [],
      });
    },
  );

  it("without a forecast while its audience is being written out", async () => {
    const campaign = await makeCampaign(s.database, s.organization);
    await makeRun(s.database, campaign, { expanded: false });
    expect((await show(campaign.name)).forecast).toBeNull();
  });
});
